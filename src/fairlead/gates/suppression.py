"""Which findings does the project itself say are no matter, who answers for it, and until when?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from fairlead.gates.comparing import Named, named
from fairlead.gates.file_glob import matches
from fairlead.gates.finding import Finding, Scan
from fairlead.gates.wording import one_line


@dataclass(frozen=True, slots=True)
class Suppression:
    """Findings that do not count up to and on the day `until`.

    Either `finding` (a fingerprint) or `rule` is set; `file` is a glob that narrows the rule.
    """

    reason: str
    owner: str
    until: date
    finding: str = ""
    rule: str = ""
    file: str = ""

    @property
    def about(self) -> str:
        """Return what it is about, in words."""
        if self.finding:
            return f"finding {self.finding}"
        where = f" in {one_line(self.file, 200)}" if self.file else ""
        return f"rule {one_line(self.rule, 200)}{where}"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a suppression; only some fail the gate."""

    sentence: str
    fails: bool


@dataclass(frozen=True, slots=True)
class Applied:
    """The scans with what was dismissed in them, and what is wrong with the suppressions."""

    scans: tuple[Scan, ...]
    problems: tuple[Problem, ...]


def applied(scans: Sequence[Scan], suppressions: Sequence[Suppression], today: date) -> Applied:
    """Dismiss what the suppressions name, with their reason, owner and last day.

    One that has expired dismisses nothing, and fails the gate while it still matches. One that
    matches nothing is told, unless a tool could not judge: then it may still be needed.
    """
    about: dict[str, list[Suppression]] = {}
    for one in suppressions:
        about.setdefault(one.finding or one.rule, []).append(one)
    used: set[Suppression] = set()
    told = []
    for scan in scans:
        findings = []
        for found in named([scan]):
            near = (*about.get(found.fingerprint, ()), *about.get(found.finding.rule, ()))
            matching = [one for one in near if _names(one, found)]
            used.update(matching)
            valid = (one for one in matching if today <= one.until)
            findings.append(_dismissed(found.finding, next(valid, None)))
        told.append(replace(scan, findings=tuple(findings)))
    judged = not any(scan.unknown for scan in scans)
    problems = [_problem(one, today, used, judged=judged) for one in dict.fromkeys(suppressions)]
    return Applied(tuple(told), tuple(problem for problem in problems if problem))


def _names(one: Suppression, found: Named) -> bool:
    if one.finding:
        return one.finding == found.fingerprint
    if one.rule != found.finding.rule:
        return False
    place = found.finding.place
    return not one.file or (place is not None and matches(one.file, place.file))


def _dismissed(finding: Finding, by: Suppression | None) -> Finding:
    if by is None or finding.dismissed:
        return finding
    why = f"{one_line(by.reason, 500)} ({one_line(by.owner, 100)}, until {by.until})"
    return replace(finding, dismissed=why)


def _problem(
    one: Suppression, today: date, used: set[Suppression], *, judged: bool
) -> Problem | None:
    of = f"the suppression of {one.about} by {one_line(one.owner, 100)}"
    if today > one.until:
        if one in used:
            return Problem(f"{of} expired on {one.until}: mend it or renew it", fails=True)
        return Problem(f"{of} expired on {one.until} and matches nothing: remove it", fails=False)
    if one in used or not judged:
        return None
    return Problem(f"{of} is unused: it matches nothing, so remove it", fails=False)
