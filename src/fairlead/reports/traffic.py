"""What usually arrives in each environment of an app, as it was measured?"""

from dataclasses import asdict
from typing import Any

from fairlead.analysis import history as folding
from fairlead.reports.window import Window
from fairlead.store import environments, history
from fairlead.store.history import Place


def traffic(window: Window, app: str) -> dict[str, Any]:
    """Return what was measured by environment; null where too little was.

    Requests per second and the share that fails are those of the last hour; `phi` is how much bad
    answers come in bursts, 1 where they do not.
    """
    now, told = window.clock(), {}
    with window.database.begin() as tx:
        for place in environments.everything(tx, app):
            known = history.of(tx, Place(place.app, place.name, place.live), now)
            found = folding.usual(known)
            told[place.name] = asdict(found) if found else None
    return {"at": now, "environments": told}
