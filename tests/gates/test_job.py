"""Is nothing but an exit with status 0 a pass?"""

import pytest

from fairlead.gates.job import JobEnd, JobResult


@pytest.mark.parametrize("end", list(JobEnd))
@pytest.mark.parametrize("status", [None, 0, 1, 124, 255, -9])
def test_only_a_job_that_exited_with_zero_passed(end: JobEnd, status: int | None) -> None:
    result = JobResult(end, status, 1.0, "all tests passed", "it ended")
    assert result.passed is (end is JobEnd.EXITED and status == 0)
