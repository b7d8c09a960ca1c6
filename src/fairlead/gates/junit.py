"""What do JUnit XML documents say of a run of tests? What cannot be read is unknown.

Counts are taken from the test cases: the runners do not agree on what their own totals mean.
"""

import heapq
from collections.abc import Sequence

from fairlead.gates.junit_case import Case, Outcome
from fairlead.gates.junit_document import UnreadableError, cases
from fairlead.gates.tests_run import Failure, Slow, Tests
from fairlead.gates.wording import counted

MOST_BYTES = 32 * 1024 * 1024
MOST_FAILURES, MOST_SLOW = 100, 5


def read(documents: Sequence[bytes]) -> Tests:
    """Return what all documents of one run say together; nothing is raised.

    It is unknown when there is none, one cannot be read, one tells of more tests or failures than
    it holds, all together are larger than 32 MB, or no test ran. What was read is counted even so.
    """
    if not documents:
        return Tests(unknown="no JUnit XML was written, so nothing is known of the tests")
    if sum(map(len, documents)) > MOST_BYTES:
        return Tests(unknown=f"the JUnit XML is larger than {MOST_BYTES >> 20} MB")
    every: list[Case] = []
    unknown = ""
    for number, data in enumerate(documents, 1):
        try:
            every += cases(data)
        except UnreadableError as error:
            which = f" {number} of {len(documents)}" if len(documents) > 1 else ""
            unknown = unknown or f"JUnit XML{which} cannot be read: {error}"
    return _told(every, unknown)


def _told(every: Sequence[Case], unknown: str) -> Tests:
    ran = [case for case in every if case.outcome is not Outcome.SKIPPED]
    broken = [case for case in ran if case.outcome is not Outcome.PASSED]
    slow = heapq.nlargest(MOST_SLOW, ran, key=lambda case: case.seconds)
    skipped = len(every) - len(ran)
    if not unknown and not ran:
        why = f": {counted(skipped, 'was', 'were')} skipped" if skipped else ""
        unknown = f"no test ran{why}"
    return Tests(
        ran=len(ran),
        failed=sum(case.outcome is Outcome.FAILED for case in ran),
        errors=sum(case.outcome is Outcome.ERROR for case in ran),
        skipped=skipped,
        slowest=tuple(Slow(case.name, case.seconds) for case in slow),
        failures=tuple(Failure(case.name, case.sentence) for case in broken[:MOST_FAILURES]),
        flaky=tuple(sorted({case.name for case in ran if case.is_flaky})),
        unknown=unknown,
        passed_names=frozenset(case.name for case in ran if case.outcome is Outcome.PASSED),
        failed_names=frozenset(case.name for case in broken),
    )
