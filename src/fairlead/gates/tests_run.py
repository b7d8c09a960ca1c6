"""How did the tests of one run end, which failed, which are slow, and which are flaky?"""

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Slow:
    """A test and its seconds."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that failed, and the first line of what it said."""

    name: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Tests:
    """How many tests ran, and how they ended; `ran` counts the failed and the errors too.

    `slowest` is from the slowest on; `failures` are the first of them. `flaky` names the tests that
    the runner itself repeated until they passed. `unknown` says why the counts mean nothing.
    """

    ran: int = 0
    failed: int = 0
    errors: int = 0
    skipped: int = 0
    slowest: tuple[Slow, ...] = ()
    failures: tuple[Failure, ...] = ()
    flaky: tuple[str, ...] = ()
    unknown: str = ""
    passed_names: frozenset[str] = field(default=frozenset(), repr=False)
    failed_names: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def passed(self) -> bool:
        """Tell whether at least one test ran, and each that ran passed."""
        return not self.unknown and self.ran > 0 and not self.failed and not self.errors


def flaky(first: Tests, again: Tests) -> tuple[str, ...]:
    """Return the tests that failed first and passed when they were run again, by name.

    A second run that is unknown shows nothing, nor does a test that was left out of it.
    """
    if again.unknown:
        return ()
    mended: Iterable[str] = (first.failed_names & again.passed_names) - again.failed_names
    return tuple(sorted(mended))
