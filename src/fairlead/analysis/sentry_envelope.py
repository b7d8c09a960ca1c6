"""What lies in an envelope of a Sentry SDK? Items, each behind a line that says what it is.

https://develop.sentry.dev/sdk/foundations/transport/envelopes/
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from fairlead.errors import Refused

MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class Item:
    """One item: its type (`event`, `transaction`, …) and its bytes."""

    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """The id of its event, empty when it says none, and its items."""

    id: str
    items: tuple[Item, ...]


def opened(raw: bytes) -> Envelope:
    """Return what lies in an envelope; `Refused` when it is none."""
    head, _, rest = raw.partition(b"\n")
    header = plain(head, "the first line of an envelope")
    return Envelope(str(header.get("event_id") or "")[:100], tuple(_items(rest)))


def plain(raw: bytes, what: str) -> dict[str, Any]:
    """Return an object of JSON; `Refused` when it is something else."""
    try:
        told = json.loads(raw)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Refused(f"{what} must be an object of JSON")
    return told


def _items(rest: bytes) -> Iterator[Item]:
    at, count = 0, 0
    while at < len(rest):
        end = _end_of_line(rest, at)
        if not rest[at:end].strip():
            at = end + 1
            continue
        count += 1
        if count > MOST_ITEMS:
            raise Refused(f"an envelope may hold {MOST_ITEMS} items at most")
        header = plain(rest[at:end], f"the line before item {count}")
        begin = end + 1
        end = _end_of_body(rest, begin, header.get("length"), count)
        yield Item(str(header.get("type") or "")[:50], rest[begin:end])
        at = end + 1


def _end_of_body(rest: bytes, begin: int, length: Any, number: int) -> int:
    if length is None:
        return _end_of_line(rest, begin)
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise Refused(f"item {number}: its length must be a number of bytes")
    if begin + length > len(rest):
        raise Refused(f"item {number}: it is shorter than it says")
    return begin + length


def _end_of_line(raw: bytes, at: int) -> int:
    found = raw.find(b"\n", at)
    return len(raw) if found < 0 else found
