"""How are failures of privacy told as findings, beside those of other tools?"""

from fairlead.gates.finding import Finding, Scan, Severity
from fairlead.privacy.failing import Failing, Rule
from fairlead.privacy.rules import Judged

TOOL = "fairlead-privacy"
ABOUT = "https://eur-lex.europa.eu/eli/reg/2016/679/oj"
_SEVERITY = {Rule.REACHABLE: Severity.CRITICAL}


def scan(judged: Judged) -> Scan:
    """Return what was judged as a scan: what is unknown there is unknown here."""
    failures = (_finding(one, _SEVERITY.get(one.rule, Severity.HIGH)) for one in judged.failures)
    notes = (_finding(one, Severity.NOTE) for one in judged.notes)
    return Scan(TOOL, "", ABOUT, (*failures, *notes), "; ".join(judged.unknown))


def _finding(one: Failing, severity: Severity) -> Finding:
    return Finding(
        rule=one.rule.value,
        severity=severity,
        sentence=one.sentence,
        subject=one.place,
        help=one.remedy,
    )
