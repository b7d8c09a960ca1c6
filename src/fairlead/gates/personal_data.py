"""How are failures of privacy told as findings, beside those of other tools?"""

from fairlead.gates.finding import Finding, Scan, Severity
from fairlead.privacy.failing import Failing, Rule
from fairlead.privacy.rules import Judged

TOOL = "fairlead-privacy"
ABOUT = "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
_SEVERITY = {Rule.REACHABLE: Severity.CRITICAL, Rule.GONE: Severity.NOTE}


def scan(judged: Judged) -> Scan:
    """Return what was judged as a scan: what is unknown there is unknown here."""
    found = (*judged.failures, *judged.notes)
    return Scan(TOOL, "", ABOUT, tuple(map(_finding, found)), "; ".join(judged.unknown))


def _finding(one: Failing) -> Finding:
    return Finding(
        rule=one.rule.value,
        severity=_SEVERITY.get(one.rule, Severity.HIGH),
        sentence=one.sentence,
        subject=one.place,
        help=one.remedy,
    )
