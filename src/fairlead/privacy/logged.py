"""Which personal data stands in the lines of a log? Only kinds and counts are told."""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from fairlead.privacy.kind import Kind
from fairlead.privacy.shape import counted

LONGEST_LINE = 20_000
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}(?::?[0-9a-f]{1,4}){1,7}(?![\w:])", re.I)
# Without the plus in front, numbers of other things look the same.
_PHONE = re.compile(r"(?<![\w+])\+[1-9][0-9]{0,2}[ ()./-]?[0-9][0-9 ()./-]{5,14}[0-9](?!\w)")


@dataclass(frozen=True, slots=True)
class LogSeen:
    """What a log file held: `counts` of each kind in the `lines` that were read.

    `left_out` are the bytes before them that were not read.
    """

    file: str
    lines: int
    counts: tuple[tuple[Kind, int], ...] = ()
    left_out: int = 0


def look(file: str, lines: Iterable[str], left_out: int = 0) -> LogSeen:
    """Count the personal data in a log, also in error events that are lines of JSON."""
    found: Counter[Kind] = Counter()
    looked = 0
    for line in lines:
        looked += 1
        found.update(kinds_in(line[:LONGEST_LINE]))
    return LogSeen(file, looked, tuple(sorted(found.items())), left_out)


def kinds_in(line: str) -> Counter[Kind]:
    """Count e-mail addresses, phone numbers, accounts and addresses of the public internet."""
    found = counted(line)
    found[Kind.PHONE] = sum(1 for _ in _PHONE.finditer(line))
    found[Kind.IP] = sum(
        _is_somebodys(match[0]) for shape in (_IPV4, _IPV6) for match in shape.finditer(line)
    )
    return +found


def _is_somebodys(written: str) -> bool:
    try:
        return ipaddress.ip_address(written).is_global
    except ValueError:
        return False
