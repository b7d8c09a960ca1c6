"""What may be told of a secret: what kind it is, what its name is, how long it is, and where."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from fairlead.gates.finding import Finding, Place, Severity
from fairlead.providers.scanners.secrets import context, formats, value
from fairlead.providers.scanners.secrets.context import Hit
from fairlead.providers.scanners.secrets.reading import Cursor, windows

_LONGEST_NAME, _SHARED_SIGNS = 60, 6
_KINDS = {
    "password": "a password",
    "key": "a key or token",
    "password-in-address": "a password in an address",
    "authorization-header": "credentials in an Authorization header",
    "webhook": "the address of a webhook, which lets anybody write there",
    "value-by-chance": "a value that was drawn by chance",
}
_HELP = (
    "Revoke it where it was issued: whoever can read the repository has it. Keep the new one out "
    "of the repository, in the environment of the program."
)


@dataclass(frozen=True, slots=True)
class Leak:
    """A secret in a text. `digest` compares two in one scan and is never told or kept."""

    rule: str
    name: str
    many: int
    span: tuple[int, int, int, int]
    is_format: bool
    digest: bytes = field(repr=False)

    def told(self, file: str, commit: str = "") -> Finding:
        """Return the finding; `commit` is set when it is in the history and no longer in files."""
        kind = _KINDS.get(self.rule) or f"a secret of the format {self.rule}"
        what = f"{kind} ({self.many} characters)" + (f" in {self.name}" if self.name else "")
        where = f"was added by commit {commit[:12]} and stays in its history" if commit else ""
        return Finding(
            self.rule,
            Severity.CRITICAL if self.is_format else Severity.HIGH,
            f"{what} {where or 'lies in the file'}",
            Place(file, *self.span),
            subject=", ".join(
                filter(None, (self.name or self.rule, commit and f"commit {commit[:12]}"))
            ),
            help=_HELP,
        )


def leaks(chunks: Iterable[bytes], *, is_env: bool) -> Iterator[Leak]:
    """Yield every secret of a text, in its order. Errors: those of `formats.hits`."""
    cursor = Cursor()
    for window in windows(chunks):
        text, at = window.text, window.first
        found = [(hit, True) for hit in formats.hits(text)]
        found += [(hit, False) for hit in context.hits(text, is_env=is_env)]
        for hit, name, is_format in _single(found):
            if not window.first <= hit.start < window.last:
                continue
            cursor.past(text[at : hit.start])
            at = hit.start
            behind = Cursor()
            behind.line, behind.column = cursor.line, cursor.column
            secret = text[hit.start : hit.end]
            behind.past(secret)
            yield Leak(
                hit.rule,
                _harmless(text[slice(*name)].decode("ascii", "replace"), secret),
                len(secret.decode("utf-8", "replace")),
                (cursor.line, cursor.column, behind.line, behind.column),
                is_format,
                hashlib.sha256(secret).digest(),
            )
        cursor.past(text[at : window.last])


def _single(found: list[tuple[Hit, bool]]) -> Iterator[tuple[Hit, tuple[int, int], bool]]:
    """Yield one hit for those that overlap, a known format first, with a name that one of them has.

    A name that lies in what any of them takes for a secret is none.
    """
    found.sort(key=lambda one: (one[0].start, one[0].end))
    group: list[tuple[Hit, bool]] = []
    end, before = 0, 0
    for one in [*found, None]:
        if one and group and one[0].start < end:
            group.append(one)
            end = max(end, one[0].end)
            continue
        if group:
            hit, is_format = max(group, key=lambda each: (each[1], each[0].end - each[0].start))
            first = group[0][0].start
            names = [
                each.name for each, _ in group if before <= each.name[0] < each.name[1] <= first
            ]
            yield hit, (names or [(0, 0)])[0], is_format
            before = end
        if one:
            group, end = [one], one[0].end


def _harmless(name: str, secret: bytes) -> str:
    """Return a name that says nothing of any secret; else none."""
    shown = name.strip(".-$")
    if not shown or len(shown) > _LONGEST_NAME or not shown.isprintable() or "\ufffd" in shown:
        return ""
    low, told = secret.decode("utf-8", "replace").lower(), shown.lower()
    parts = (told[at : at + _SHARED_SIGNS] for at in range(len(told) - _SHARED_SIGNS + 1))
    return "" if value.is_by_chance(shown) or any(part in low for part in parts) else shown
