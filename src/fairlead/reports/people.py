"""Who may come in?"""

from dataclasses import asdict
from typing import Any

from fairlead.reports.window import Window
from fairlead.store import people


def everybody(window: Window) -> list[dict[str, Any]]:
    """Return all people with their roles."""
    with window.database.begin() as tx:
        return [asdict(person) for person in people.everybody(tx)]
