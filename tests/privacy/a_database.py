"""Databases as the reader would tell them, made of a few words."""

from typing import Any

from fairlead.privacy.declaration import Declaration, Entry, LegalBasis, NotPersonal, SqlFunction
from fairlead.privacy.inventory import TRIGGER, Column, Holding, Inventory, Schedule, Table, Verb
from fairlead.privacy.place import pattern

READ = ("anon", Verb.READ)
FORGET, EXPORT, ERASE = ("public", "forget"), ("public", "export_one"), ("public", "erase_one")


def table(*columns: Column, **more: Any) -> Table:
    given: dict[str, Any] = {"schema": "public", "name": "agents", "holding": Holding.TABLE}
    return Table(columns=columns, **(given | {"rls": True} | more))


def inventory(*tables: Table, **more: Any) -> Inventory:
    given: dict[str, Any] = {
        "functions": frozenset({FORGET, EXPORT, ERASE}),
        "schedules": (Schedule(TRIGGER, "each_day", "select forget()"),),
    }
    return Inventory("shop", tables, **(given | more))


def entry(columns: str = "public.agents.email", **more: Any) -> Entry:
    given: dict[str, Any] = {
        "columns": pattern(columns),
        "purpose": "to reach them",
        "legal_basis": LegalBasis.CONTRACT,
        "retention": "90d",
        "enforced_by": SqlFunction(*FORGET),
        "subject": "email",
        "export": SqlFunction(*EXPORT),
        "erase": SqlFunction(*ERASE),
    }
    return Entry(**(given | more))


def declaring(*entries: Entry, not_personal: tuple[str, ...] = ()) -> Declaration:
    others = (NotPersonal(pattern(one), "it is not") for one in not_personal)
    return Declaration(entries, tuple(others))
