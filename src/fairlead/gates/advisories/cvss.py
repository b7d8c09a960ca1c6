"""How bad is what a CVSS vector describes? The base score of versions 3.0 and 3.1.

Source: FIRST, "Common Vulnerability Scoring System v3.1: Specification Document", sections 5, 7.1
and 7.4, and its appendix A on rounding up.
"""

import re

from fairlead.gates.finding import Severity

_VECTOR = re.compile(
    r"CVSS:3\.[01]/AV:(?P<AV>[NALP])/AC:(?P<AC>[LH])/PR:(?P<PR>[NLH])/UI:(?P<UI>[NR])"
    r"/S:(?P<S>[UC])/C:(?P<C>[NLH])/I:(?P<I>[NLH])/A:(?P<A>[NLH])(?:/[A-Z]{1,3}:[A-Z])*\Z"
)
_WEIGHTS = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "UI": {"N": 0.85, "R": 0.62},
}
_PRIVILEGES = {
    "U": {"N": 0.85, "L": 0.62, "H": 0.27},
    "C": {"N": 0.85, "L": 0.68, "H": 0.5},
}
_IMPACT = {"N": 0.0, "L": 0.22, "H": 0.56}


def score_of(vector: str) -> float | None:
    """Return the base score, 0.0 to 10.0; None when it is no vector of version 3.0 or 3.1.

    The metrics stand in the order of the specification, as advisories write them.
    """
    if (told := _VECTOR.match(vector)) is None:
        return None
    changed = told["S"] == "C"
    kept = (1 - _IMPACT[told["C"]]) * (1 - _IMPACT[told["I"]]) * (1 - _IMPACT[told["A"]])
    lost = 1 - kept
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    exploit = 8.22 * _PRIVILEGES[told["S"]][told["PR"]]
    for metric, weights in _WEIGHTS.items():
        exploit *= weights[told[metric]]
    return _rounded_up(min((1.08 if changed else 1.0) * (impact + exploit), 10.0))


def rating(score: float) -> Severity:
    """Return the word for a score: the qualitative severity rating scale."""
    if score <= 0:
        return Severity.NOTE
    if score < 4:
        return Severity.LOW
    if score < 7:
        return Severity.MODERATE
    return Severity.HIGH if score < 9 else Severity.CRITICAL


def _rounded_up(score: float) -> float:
    whole = round(score * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
