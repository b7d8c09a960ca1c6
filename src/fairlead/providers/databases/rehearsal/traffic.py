"""How many queries a second come to each table of the live database?"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from fairlead.migrations.rehearsal.observed import Rate, Traffic, rate
from fairlead.providers.databases.rehearsal.sampling import shown
from fairlead.providers.databases.rehearsal.target import visiting
from fairlead.providers.databases.session import Session

# A session tells its numbers once a second at most, and when it ends.
LEAST_S = 3.0
_COUNTS = """
SELECT relid::int8, schemaname, relname, seq_scan + coalesce(idx_scan, 0) AS reads,
  n_tup_ins + n_tup_upd + n_tup_del AS writes
FROM pg_stat_user_tables
"""
_PARENTS = "SELECT inhrelid::int8 AS child, inhparent::int8 AS parent FROM pg_inherits"
_SESSIONS = """
SELECT count(*) AS clients FROM pg_stat_activity WHERE datname = current_database()
AND backend_type = 'client backend' AND application_name NOT LIKE 'fairlead %%'
"""
Counts = Mapping[int, tuple[int, int]]


@dataclass(slots=True)
class Count:
    """What had come to each table at a moment (monotonic seconds), and how many were connected."""

    at: float
    clients: int
    counts: Counts
    names: Mapping[int, str] = field(default_factory=dict)


def count(url: str) -> Count:
    """Return the first count; `traffic` compares with it later."""
    with visiting(url) as asked:
        return _count(asked)


def traffic(url: str, first: Count) -> Traffic:
    """Return the rates since the first count.

    It waits until that is `LEAST_S` ago, unless nobody was or is connected: then nobody has numbers
    left to tell.
    """
    if first.clients or _connected(url):
        time.sleep(max(0.0, first.at + LEAST_S - time.monotonic()))
    with visiting(url) as asked:
        last = _count(asked)
        most = _number(asked, "SELECT current_setting('max_connections')::int AS clients")
        counted = _number(asked, "SELECT (current_setting('track_counts')::bool)::int AS clients")
        parents = {row["child"]: row["parent"] for row in asked.execute(_PARENTS).fetchall()}
    seconds = last.at - first.at
    if not counted:
        return Traffic(last.clients, most, {}, "track_counts is off at the target")
    seen = _summed(
        {
            oid: (
                reads - first.counts.get(oid, (0, 0))[0],
                writes - first.counts.get(oid, (0, 0))[1],
            )
            for oid, (reads, writes) in last.counts.items()
        },
        parents,
    )
    rates: dict[str, Rate] = {
        last.names[oid]: rate(counts, seconds) for oid, counts in seen.items()
    }
    return Traffic(last.clients, most, rates, f"counted for {seconds:.1f} s at the target")


def _count(asked: Session) -> Count:
    rows = asked.execute(_COUNTS).fetchall()
    return Count(
        time.monotonic(),
        _number(asked, _SESSIONS),
        {row["relid"]: (row["reads"], row["writes"]) for row in rows},
        {row["relid"]: shown(row["schemaname"], row["relname"]) for row in rows},
    )


def _connected(url: str) -> int:
    with visiting(url) as asked:
        return _number(asked, _SESSIONS)


def _number(asked: Session, question: str) -> int:
    row = asked.execute(question.replace("%%", "%").encode()).fetchone()
    return int(row["clients"]) if row else 0


def _summed(counts: Counts, parents: Mapping[int, int]) -> dict[int, tuple[int, int]]:
    """Add what comes to partitions to their parents: a lock there keeps those queries waiting."""
    found = dict(counts)
    for oid, (reads, writes) in counts.items():
        above = parents.get(oid)
        while above is not None:
            if above in found:
                found[above] = (found[above][0] + reads, found[above][1] + writes)
            above = parents.get(above)
    return found
