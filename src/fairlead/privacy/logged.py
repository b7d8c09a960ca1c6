"""Which personal data stands in the lines of a log? Only kinds and counts are told."""

import ipaddress
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from fairlead.errors import Refused
from fairlead.privacy.kind import Kind
from fairlead.privacy.shape import counted
from fairlead.privacy.written import Written

# Of each log so much is read at most, and of all of them together.
MOST_BYTES, MOST_OF_ALL = 4 * 1024 * 1024, 16 * 1024 * 1024
# A longer line is looked at in parts, which end where a word ends, if one does.
LONGEST_PART = 20_000
_PART = re.compile(r".{1,19900}(?:[\s,;\"'}]|\Z)|.{1,20000}", re.DOTALL)
# What begins with signs to look for, and looks back only then, is found several times as fast.
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d)")
_IPV6 = re.compile(
    r"[23][0-9a-f]{3}:(?<![\w:.].{5})(?:[0-9a-f]{0,4}:){1,6}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE
)
# Without the plus in front, numbers of other things look the same.
_PHONE = re.compile(r"(?<![\w+])\+[1-9][0-9]{0,2}[ ()./-]?[0-9][0-9 ()./-]{5,14}[0-9](?!\w)")
_CARD = re.compile(r"[3-6]\d{3}([ -])(?<![\w-].{5})\d{4}\1\d{4}\1\d{4}(?![\w-])")
# A JSON Web Token (RFC 7519), or what stands behind the words that name a token (RFC 6750).
_TOKEN = re.compile(
    r"(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"
    r"|(?<!\w)(?:bearer\s+|(?:\w{1,20}_)?token[\"']?\s{0,3}[=:]\s{0,3}[\"']?)"
    r"(?!eyJ)[\w.~+/-]{20,}",
    re.IGNORECASE,
)
_NAME_A_TOKEN = ("eyj", "bearer", "token")
_FEWEST_DOTS, _FEWEST_COLONS = 3, 2


@dataclass(frozen=True, slots=True)
class LogSeen:
    """What a log held: `counts` of each kind in the `lines` that were read.

    `first` tells in which of these lines each kind stands first, from 1. `left_out` are the bytes
    before them that were not read. `unknown` says why it was not read at all. `other_release` names
    the release that wrote it, when that is not the one under test.
    """

    name: str
    lines: int
    counts: tuple[tuple[Kind, int], ...] = ()
    left_out: int = 0
    first: tuple[tuple[Kind, int], ...] = ()
    unknown: str = ""
    other_release: str = ""


def look(name: str, lines: Iterable[str], left_out: int = 0) -> LogSeen:
    """Count the personal data in a log, also in error events that are lines of JSON."""
    found: Counter[Kind] = Counter()
    first: dict[Kind, int] = {}
    number = 0
    for number, line in enumerate(lines, 1):
        for part in [line] if len(line) <= LONGEST_PART else _PART.findall(line):
            kinds = kinds_in(part)
            found.update(kinds)
            for kind in kinds:
                first.setdefault(kind, number)
    counts, firsts = sorted(found.items()), sorted(first.items())
    return LogSeen(name, number, tuple(counts), left_out, tuple(firsts))


def look_at(every: Sequence[tuple[Written, str]]) -> tuple[LogSeen, ...]:
    """Look at the newest of each; what cannot be read is told, and not taken for clean.

    Beside each stands the release that writes it, or nothing when that is the one under test.
    """
    room = min(MOST_BYTES, MOST_OF_ALL // max(1, len(every)))
    return tuple(replace(_seen(one, room), other_release=release) for one, release in every)


def _seen(written: Written, most_bytes: int) -> LogSeen:
    try:
        newest = written.newest(most_bytes)
    except Refused as error:
        return LogSeen(written.name, 0, unknown=str(error))
    return look(written.name, newest.lines, newest.left_out)


def kinds_in(line: str) -> Counter[Kind]:
    """Count e-mail addresses, phone numbers, accounts, cards, tokens and public addresses."""
    found = counted(line)
    if "+" in line:
        found[Kind.PHONE] = sum(1 for _ in _PHONE.finditer(line))
    found[Kind.BANK] += sum(_is_card(match[0]) for match in _CARD.finditer(line))
    shapes = [_IPV4] if line.count(".") >= _FEWEST_DOTS else []
    shapes += [_IPV6] if line.count(":") >= _FEWEST_COLONS else []
    found[Kind.IP] = sum(_is_somebodys(m[0]) for shape in shapes for m in shape.finditer(line))
    small = line.lower()
    if any(word in small for word in _NAME_A_TOKEN):
        found[Kind.SESSION] = sum(1 for _ in _TOKEN.finditer(line))
    return +found


def _is_somebodys(written: str) -> bool:
    try:
        return ipaddress.ip_address(written).is_global
    except ValueError:
        return False


def _is_card(written: str) -> bool:
    """Tell whether the check digit is right (ISO/IEC 7812-1, Luhn)."""
    digits = [int(sign) for sign in written if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
