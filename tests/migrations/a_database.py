"""A live database as it could have been seen, to be changed where a test needs it."""

from typing import Any

from fairlead.migrations.preflight.looked import Looked, Relation, Server, Session, Size, Wait

GB = 1024**3


def a_server(**changes: Any) -> Server:
    told: dict[str, Any] = {
        "database": "shop",
        "role": "ana",
        "version": 170000,
        "standby": False,
        "sees_all": True,
        "search_path": ("public",),
        "xid_age": 10,
        "freeze_max_age": 200_000_000,
        "mxid_age": 0,
        "mxid_freeze_max_age": 400_000_000,
    }
    return Server(**(told | changes))


def a_relation(oid: int, name: str, parent: int | None = None, schema: str = "public") -> Relation:
    return Relation(oid, schema, name, f"{schema}.{name}", "r", parent)


def a_session(pid: int, **changes: Any) -> Session:
    told: dict[str, Any] = {
        "role": "app",
        "application": "web",
        "kind": "client backend",
        "state": "active",
        "open_s": 1.0,
        "unchanged_s": 1.0,
        "query": "",
        "hidden": False,
        "has_snapshot": True,
    }
    return Session(pid, **(told | changes))


def a_wait(pid: int, *blockers: int, **changes: Any) -> Wait:
    told: dict[str, Any] = {"waited_s": 10.0, "mode": "AccessExclusiveLock", "relation": 1}
    return Wait(pid, blockers, **(told | changes))


def a_look(**seen: Any) -> Looked:
    relations = {1: a_relation(1, "orders"), 2: a_relation(2, "items")}
    told: dict[str, Any] = {
        "server": a_server(),
        "relations": relations,
        "sizes": {oid: Size(8192) for oid in relations},
    }
    return Looked(**(told | seen))
