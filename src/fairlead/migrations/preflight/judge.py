"""Is anything in the way of a migration? All findings of all looks, the worst first."""

from collections.abc import Iterable

from fairlead.migrations.finding import Finding, Severity, worst_first
from fairlead.migrations.preflight import blocking, drift, horizon, room, shape, transactions
from fairlead.migrations.preflight.looked import Check, Gap, Looked

# What could not be looked at here may hide something that is in the way at this moment.
NEEDED = frozenset(
    {
        Check.SERVER,
        Check.RELATIONS,
        Check.TRANSACTIONS,
        Check.BLOCKING,
        Check.PREPARED,
        Check.WRAPAROUND,
    }
)


def findings(looked: Looked) -> tuple[Finding, ...]:
    """Return everything that was found, and everything that could not be looked at."""
    found = [_unknown(gap, looked) for gap in looked.gaps]
    for part in (blocking, transactions, horizon, shape, drift, room):
        found += part.findings(looked)
    return worst_first(found)


def in_the_way(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return what keeps a migration from starting: errors, and unknowns that may hide one."""
    return tuple(
        finding
        for finding in found
        if finding.severity is Severity.ERROR
        or (finding.severity is Severity.UNKNOWN and finding.check in NEEDED)
    )


def _unknown(gap: Gap, looked: Looked) -> Finding:
    return Finding(gap.check, Severity.UNKNOWN, looked.server.database, gap.why, gap.remedy)
