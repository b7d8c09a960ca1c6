"""Slots that should run, and until when."""

from dataclasses import asdict, dataclass
from datetime import datetime

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from fairlead.rollout.slot import Endpoint, Slot
from fairlead.store.database import Tx, many


@dataclass(frozen=True, slots=True)
class KeptSlot:
    """A slot, where it answers, and when it may stop; `stop_after` None keeps it for good."""

    slot: Slot
    endpoints: tuple[Endpoint, ...]
    stop_after: datetime | None


def keep(tx: Tx, slot: Slot, endpoints: tuple[Endpoint, ...]) -> None:
    """Keep a slot running from now on."""
    tx.execute(
        "INSERT INTO slots (id, app, environment, release, component, kind, units, permissions, "
        "endpoints) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
        "ON CONFLICT (id) DO UPDATE SET endpoints = EXCLUDED.endpoints, stop_after = NULL",
        (
            slot.id,
            slot.app,
            slot.environment,
            slot.release,
            slot.component,
            slot.kind,
            [*slot.units],
            [*slot.permissions],
            Jsonb([asdict(endpoint) for endpoint in endpoints]),
        ),
    )


def stop_after(tx: Tx, app: str, environment: str, release: str, when: datetime | None) -> None:
    """Let a release's slots stop at `when`; None keeps them for good."""
    tx.execute(
        "UPDATE slots SET stop_after = %s WHERE app = %s AND environment = %s AND release = %s",
        (when, app, environment, release),
    )


def forget_due(tx: Tx, slot_ids: list[str], now: datetime) -> list[str]:
    """Forget those of the slots that are still due and without traffic; return which."""
    rows = many(
        tx,
        "DELETE FROM slots s USING environments e WHERE s.id = ANY(%s) AND s.stop_after <= %s "
        "AND e.app = s.app AND e.name = s.environment "
        "AND coalesce((e.weights ->> s.release)::int, 0) = 0 RETURNING s.id",
        slot_ids,
        now,
    )
    return [row["id"] for row in rows]


def let_unneeded_go(tx: Tx, now: datetime) -> None:
    """Let slots stop that no environment needs: neither live, nor the way back, nor taking over."""
    tx.execute(
        "UPDATE slots s SET stop_after = %s FROM environments e WHERE e.app = s.app "
        "AND e.name = s.environment AND s.stop_after IS NULL AND e.held_by = '' "
        "AND s.release NOT IN (e.live, e.previous) "
        "AND coalesce((e.weights ->> s.release)::int, 0) = 0",
        (now,),
    )


def of_environment(tx: Tx, app: str, environment: str) -> list[KeptSlot]:
    """Return an environment's slots."""
    rows = many(
        tx,
        "SELECT * FROM slots WHERE app = %s AND environment = %s ORDER BY release, component",
        app,
        environment,
    )
    return [_kept(row) for row in rows]


def due(tx: Tx, now: datetime) -> list[KeptSlot]:
    """Return the slots whose time has come to stop."""
    return [_kept(row) for row in many(tx, "SELECT * FROM slots WHERE stop_after <= %s", now)]


def everything(tx: Tx) -> list[KeptSlot]:
    """Return all slots that should run."""
    return [_kept(row) for row in many(tx, "SELECT * FROM slots ORDER BY id")]


def _kept(row: DictRow) -> KeptSlot:
    slot = Slot(
        row["app"],
        row["environment"],
        row["release"],
        row["component"],
        row["kind"],
        tuple(row["units"]),
        tuple(row["permissions"]),
    )
    return KeptSlot(slot, tuple(Endpoint(**e) for e in row["endpoints"]), row["stop_after"])
