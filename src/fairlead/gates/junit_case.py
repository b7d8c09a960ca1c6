"""What does one element of JUnit XML say of one test?"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from fairlead.gates.wording import one_line

NAME_LETTERS, SENTENCE_LETTERS = 300, 300
# Google Test writes no element for a test that was left out.
_LEFT_OUT = {"notrun", "skipped", "disabled", "suppressed"}


class Outcome(StrEnum):
    """How a test ended."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(slots=True)
class Case:
    """One test while its element is read. `is_flaky` when its runner repeated it until it passed.

    `complaints` counts its failures and errors: a test may have several.
    """

    name: str
    seconds: float = 0.0
    outcome: Outcome = Outcome.PASSED
    sentence: str = ""
    is_flaky: bool = False
    complaints: int = 0

    def hear(self, element: str, message: str) -> None:
        """Take in what an element inside the test says; the worst of them is its outcome."""
        match element:
            case "failure" | "error":
                self.complaints += 1
                if self.outcome is not Outcome.ERROR:
                    self.outcome = Outcome.ERROR if element == "error" else Outcome.FAILED
                self.sentence = self.sentence or first_line(message)
            case "skipped" | "disabled" if not self.complaints:
                self.outcome = Outcome.SKIPPED
            case "flakyFailure" | "flakyError":
                self.is_flaky = True


def begun(attributes: Mapping[str, str]) -> Case:
    """Return the test that these attributes name, passed until something else is heard."""
    names = (attributes.get("classname", ""), attributes.get("name", ""))
    name = " › ".join(told for told in (one_line(n, NAME_LETTERS // 2) for n in names) if told)
    case = Case(name or "a test without a name", _seconds(attributes.get("time", "")))
    if {attributes.get("status", "").lower(), attributes.get("result", "").lower()} & _LEFT_OUT:
        case.outcome = Outcome.SKIPPED
    return case


def first_line(message: str) -> str:
    """Return the first line that says something."""
    lines = (one_line(line, SENTENCE_LETTERS) for line in message.splitlines())
    return next((line for line in lines if line), "")


def _seconds(text: str) -> float:
    try:
        # Surefire writes 1,234.5.
        told = float(text.replace(",", ""))
    except ValueError:
        return 0.0
    return told if math.isfinite(told) and told > 0 else 0.0
