"""What did one audit of packages come to, and what could it not judge?"""

import re
from dataclasses import dataclass, replace

from fairlead.gates.finding import Finding, Severity
from fairlead.gates.packages.package import one_line

UNKNOWN_SEVERITY = "its severity is not known, so it counts as high"
_WORDS = {
    "none": Severity.NOTE,
    "info": Severity.NOTE,
    "low": Severity.LOW,
    "moderate": Severity.MODERATE,
    "medium": Severity.MODERATE,
    "high": Severity.HIGH,
    "critical": Severity.CRITICAL,
}
_ADVISORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,79}\Z")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?::\d+)?/[!-~]{0,500}\Z")
_BELOW = re.compile(r"<\s*([0-9][0-9A-Za-z.+-]*)\s*\Z")


@dataclass(frozen=True, slots=True)
class Audit:
    """What a tool found; `gap` says what it left out and what to do, and is empty for nothing."""

    findings: tuple[Finding, ...] = ()
    gap: str = ""


def severity(word: str) -> Severity | None:
    """Return what a word of an advisory means; None when it is not one that is used."""
    return _WORDS.get(word.strip().lower())


def advisory(
    rule: str, known: Severity | None, sentence: str, subject: str, link: str = ""
) -> Finding:
    """Return the finding of an advisory; an unknown severity counts as high and says so."""
    told = one_line(sentence) or "it has a published advisory"
    return Finding(
        rule if _ADVISORY.match(rule) else "advisory-without-a-name",
        known or Severity.HIGH,
        told if known else f"{told} ({UNKNOWN_SEVERITY})",
        subject=one_line(subject),
        link=link if _ADDRESS.match(link) else "",
    )


def with_help(finding: Finding, told: str) -> Finding:
    """Return the finding with what one could do."""
    return replace(finding, help=one_line(told))


def fixed_in(bad: str) -> str:
    """Return what a range of bad versions such as `>=1.0.0 <1.2.6` says of the first good one."""
    if (below := _BELOW.search(bad)) and "||" not in bad:
        return f"fixed in {below[1]}"
    return f"bad versions: {one_line(bad)}"
