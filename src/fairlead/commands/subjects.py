"""What does Fairlead itself hold of a person? Told to an admin, or erased as far as may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.commands.contract import SERVER
from fairlead.commands.desk import Desk, require, told
from fairlead.errors import Conflict, Refused
from fairlead.privacy.held import Held, held
from fairlead.privacy.own_data import ELSEWHERE, HOLDINGS, Fate, Holding
from fairlead.privacy.subject import Subject, subject
from fairlead.store import journal, people, runs, subjects
from fairlead.store.database import Tx

CONFIRM = "erase"


@dataclass(frozen=True, slots=True)
class Who:
    """Who is meant: an address, an account or a name; one may be empty."""

    email: str = ""
    name: str = ""


def export(desk: Desk, admin: Person, who: Who) -> dict[str, Any]:
    """Return everything that Fairlead's tables hold of a person, and why they hold it.

    That it was asked goes on record, without who was asked for.
    """
    require(admin, Role.ADMIN, "export what is held of a person")
    with desk.database.begin() as tx:
        meant = _meant(tx, who)
        found = [_exported(tx, holding, held(meant)) for holding in HOLDINGS]
        there = [one for one in found if one["rows"]]
        count = sum(len(one["rows"]) for one in there)
        because = f"{admin.name} exported what is held of a person: {count} rows"
        journal.append(tx, told(desk, admin, "subject.exported", because, rows=count))
    return {"subject": _described(meant), "held": there, "not_looked_at": dict(ELSEWHERE)}


def erase(desk: Desk, admin: Person, who: Who, confirm: str) -> dict[str, Any]:
    """Erase a person: their account goes, and elsewhere a pseudonym stands for them.

    What stays is told with why. Asking again finds nothing more, and changes nothing.

    Errors: `Refused` without the word of confirmation, for oneself, the only admin and Fairlead;
    `Conflict` while a run is open that the person wrote or submitted.
    """
    require(admin, Role.ADMIN, "erase a person")
    if confirm != CONFIRM:
        raise Refused(f'this cannot be undone: add "confirm": "{CONFIRM}"')
    pseudonym = f"erased-{desk.secret()[:12].lower()}"
    with desk.database.begin() as tx:
        # No run of the person may begin meanwhile.
        runs.one_submission_at_a_time(tx)
        meant = _meant(tx, who)
        _refuse_who_must_stay(tx, admin, meant)
        read = held(meant)
        lasting = [one for one in HOLDINGS if one.fate is Fate.STAYS]
        passing = [one for one in HOLDINGS if one.fate is not Fate.STAYS]
        counts = {one.table: _erased(tx, one, read, pseudonym) for one in passing}
        changed = {table: count for table, count in counts.items() if count}
        stays = [_staying(tx, one, read) for one in lasting]
        entry = _on_record(desk, tx, admin, pseudonym, changed) if changed else None
    return {
        "pseudonym": pseudonym if changed else None,
        "changed": changed,
        "stays": stays,
        "shared_names": sorted(meant.shared),
        "not_looked_at": dict(ELSEWHERE),
        "journal": entry,
    }


def _on_record(
    desk: Desk, tx: Tx, admin: Person, pseudonym: str, changed: Mapping[str, int]
) -> int:
    count = sum(changed.values())
    because = f"{admin.name} erased a person, who is {pseudonym} now: {count} rows changed"
    data = {"pseudonym": pseudonym, "changed": dict(changed)}
    journal.append(tx, told(desk, admin, "subject.erased", because, **data))
    return journal.newest(tx, "", "", 1)[0].seq


def _meant(tx: Tx, who: Who) -> Subject:
    email, name = who.email.strip(), who.name.strip()
    if name == SERVER or name.startswith(f"{SERVER} "):
        raise Refused(f"{SERVER} is Fairlead itself, not a person")
    return subject(email, name, subjects.known(tx))


def _refuse_who_must_stay(tx: Tx, admin: Person, meant: Subject) -> None:
    if admin.name in meant.accounts:
        raise Refused("nobody erases themselves, since that is on record: ask another admin")
    admins = {one.name for one in people.everybody(tx) if one.role is Role.ADMIN}
    if admins and admins <= meant.accounts:
        raise Refused("this is the only admin: make somebody else one first")
    for run in runs.open_runs(tx):
        if run.submitted_by in meant.accounts or (
            run.commit.author_email.casefold() in meant.emails
        ):
            raise Conflict(
                f"run {run.id} of this person is open, and its author may not approve it: wait "
                f"until it has ended, or stop it with `fairlead stop {run.id}`"
            )


def _exported(tx: Tx, holding: Holding, read: Held) -> dict[str, Any]:
    rows = [
        {name: row[name] for name in holding.shown} | found
        for row in subjects.rows(tx, holding, read.of.needles)
        if (found := read.found(row, holding))
    ]
    about = {name: getattr(holding, name) for name in ("purpose", "legal_basis", "retention")}
    return {"table": holding.table} | about | {"on_erasure": holding.fate.value, "rows": rows}


def _erased(tx: Tx, holding: Holding, read: Held, pseudonym: str) -> int:
    """Return how many rows of a table were changed or deleted."""
    count = 0
    for row in subjects.rows(tx, holding, read.of.needles):
        if holding.fate is Fate.DELETED and read.is_theirs(row, holding):
            subjects.delete(tx, holding, row)
        elif fresh := read.without(row, holding, pseudonym):
            subjects.change(tx, holding, row, fresh)
        else:
            continue
        count += 1
    return count


def _staying(tx: Tx, holding: Holding, read: Held) -> dict[str, Any]:
    rows = subjects.rows(tx, holding, read.of.needles)
    count = sum(bool(read.found(row, holding)) for row in rows)
    about = {"because": holding.why, "retention": holding.retention}
    return {"table": holding.table, "rows": count} | about


def _described(of: Subject) -> dict[str, list[str]]:
    return {
        "addresses": sorted(of.emails),
        "accounts": sorted(of.accounts),
        "names": sorted(of.names),
        "shared_names": sorted(of.shared),
    }
