"""Does every function say that it is healthy, and quickly enough?"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from fairlead.gates.finding import Finding, Scan, Severity
from fairlead.gates.probing.answer import Answer, End
from fairlead.gates.probing.declared import Declared
from fairlead.gates.probing.token import GIVE_KEY

TOOL = "fairlead function validation"
ABOUT = "https://supabase.com/docs/guides/functions"
CALLS, LATENCY_S = 3, 2.0
_WELL = 'answer health_check with 200 and a JSON object, such as {"status": "healthy"}'
# Of draft-inadarei-api-health-check, and what is written in its place.
_UNWELL = frozenset({"fail", "error", "down", "unhealthy"})


@dataclass(frozen=True, slots=True)
class Health:
    """How one function answered `health_check`, call by call; `signed_in` says with a token."""

    function: Declared
    answers: tuple[Answer, ...]
    signed_in: bool = False

    @property
    def latency_s(self) -> float | None:
        """Return the median of its answer times; None when a call had no answer."""
        if not self.answers or any(one.end is not End.ANSWERED for one in self.answers):
            return None
        return median(one.took_s for one in self.answers)


def judge(
    found: Sequence[Health],
    release: str,
    latency_s: float = LATENCY_S,
    *,
    must_answer: bool = False,
) -> Scan:
    """Return what is wrong with the answers of all functions.

    No function at all is UNKNOWN, and so is one whose answers are another release's, or that did
    not answer: with `must_answer`, where nothing stands between us, that is a finding. `latency_s`
    is the most that the median may be.
    """
    unknowns = [_unknown(one, release, must_answer) for one in found]
    unknown = [told for told in unknowns if told]
    known = [one for one, told in zip(found, unknowns, strict=True) if not told]
    findings = [each for one in known for each in _findings(one, latency_s)]
    if not found:
        unknown = ["no function was found, so none was called: each is a folder with an index.ts"]
    return Scan(TOOL, "", ABOUT, tuple(findings), "; ".join(unknown))


def _unknown(one: Health, release: str, must_answer: bool) -> str:
    name = one.function.name
    if not one.answers:
        return f"{name} was not called"
    for answer in one.answers:
        if answer.end is not End.ANSWERED:
            return "" if must_answer else f"{name} {answer.end.value}: look into its log"
        if answer.release != release and answer.status < 500:
            return f"{name} was not answered by release {release}: it may not be deployed there"
        if answer.is_refusal and one.function.every_call and not one.signed_in:
            return (
                f"{name} needs a token for health_check, and the gate has no signing secret: "
                f"{GIVE_KEY}"
            )
    return ""


def _findings(one: Health, most_s: float) -> Iterator[Finding]:
    name = one.function.name
    silent = [answer.end for answer in one.answers if answer.end is not End.ANSWERED]
    answered = [answer for answer in one.answers if answer.end is End.ANSWERED]
    statuses = [answer.status for answer in answered if answer.status != 200]
    bodies = [told for answer in one.answers if answer.status == 200 and (told := _odd(answer))]
    if silent:
        sentence = f"{name} {silent[0].value} when health_check was called"
        yield _finding("no-answer", name, sentence, "its output is in the gate's log")
    if statuses:
        sentence = f"{name} answered health_check with {statuses[0]} instead of 200"
        yield _finding("health-status", name, f"{sentence}{_share(statuses, one)}", _WELL)
    if bodies:
        sentence = f"{name} answered health_check with 200, but {bodies[0]}"
        yield _finding("health-body", name, f"{sentence}{_share(bodies, one)}", _WELL)
    took_s = one.latency_s
    if took_s is not None and took_s > most_s:
        sentence = (
            f"{name} took {took_s:.2f} s to answer health_check (median of {len(one.answers)} "
            f"calls); at most {most_s:g} s are allowed"
        )
        yield _finding("slow", name, sentence, "look for what it waits for, or how it starts")


def _share(bad: Sequence[object], one: Health) -> str:
    return f" ({len(bad)} of {len(one.answers)} calls)"


def _odd(answer: Answer) -> str:
    """Return what is wrong with the body of an answer; empty when nothing is."""
    if not answer.is_whole:
        return "with more than 64 kB"
    try:
        told: Any = json.loads(answer.body)
    except (ValueError, RecursionError):
        return "its body is no JSON"
    if not isinstance(told, dict):
        return "its body is no JSON object"
    inner = told.get("result")
    states = {str(part.get("status")).lower() for part in (told, inner) if isinstance(part, dict)}
    if told.get("success") is False or states & _UNWELL:
        return "its body says that it is not healthy"
    return ""


def _finding(rule: str, name: str, sentence: str, remedy: str) -> Finding:
    told = f"function/{rule}"
    return Finding(told, Severity.HIGH, sentence, subject=name, help=remedy, link=ABOUT)
