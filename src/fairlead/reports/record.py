"""What does the record say, and has it been tampered with?"""

from dataclasses import asdict
from typing import Any

from fairlead.journal.chain import first_break
from fairlead.journal.event import Entry
from fairlead.reports.window import Window
from fairlead.store import audit, journal, runs


def entries(window: Window, after: int, run: str, limit: int) -> list[dict[str, Any]]:
    """Return journal entries in order, after a number, of one run when it is named.

    `NotFound` when there is no such run: an empty record would say that nothing happened.
    """
    with window.database.begin() as tx:
        if run:
            runs.get(tx, run)
        return [_entry(entry) for entry in journal.entries(tx, after, run, limit)]


def newest(window: Window, app: str, environment: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest journal entries first."""
    with window.database.begin() as tx:
        return [_entry(entry) for entry in journal.newest(tx, app, environment, limit)]


def audit_log(window: Window, app: str, environment: str, limit: int) -> list[dict[str, Any]]:
    """Return the newest rows of the runbook's deployment_audit first."""
    with window.database.begin() as tx:
        return [dict(row) for row in audit.newest(tx, app, environment, limit)]


def verify(window: Window) -> dict[str, Any]:
    """Walk the whole chain; `fault` is None when every entry is as it was written."""
    with window.database.begin() as tx:
        count = journal.count(tx)
        return {"entries": count, "fault": first_break(journal.whole_chain(tx))}


def _entry(entry: Entry) -> dict[str, Any]:
    return {"seq": entry.seq, "digest": entry.digest} | asdict(entry.event)
