"""Has the record been tampered with? Each entry carries the digest of the one before."""

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC

from fairlead.journal.event import Entry, Event

GENESIS = "0" * 64


def digest(previous: str, seq: int, event: Event) -> str:
    """Return the SHA-256 (hex) that binds `event` at place `seq` to everything before it."""
    body = json.dumps(
        {
            "seq": seq,
            "at": event.at.astimezone(UTC).isoformat(),
            "actor": event.actor,
            "kind": event.kind,
            "because": event.because,
            "effect": event.effect,
            "app": event.app,
            "run": event.run,
            "environment": event.environment,
            "release": event.release,
            "data": event.data,
        },
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def first_break(entries: Iterable[Entry]) -> str | None:
    """Walk the chain from its first entry; return the first fault as a sentence, or None."""
    previous, expected = GENESIS, 1
    for entry in entries:
        if entry.seq != expected:
            return f"entry {expected} is missing: the next one found is {entry.seq}"
        if entry.previous != previous:
            return f"entry {entry.seq} does not follow the entry before it"
        if entry.digest != digest(previous, entry.seq, entry.event):
            return f"entry {entry.seq} was changed after it was written"
        previous, expected = entry.digest, expected + 1
    return None
