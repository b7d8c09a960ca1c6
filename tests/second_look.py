"""Does a test that failed beside all others pass by itself? Then it is told as flaky, not hidden.

`--failed-to FILE` keeps the names of what failed; `python tests/second_look.py FILE` runs it again.
"""

import subprocess
import sys
from pathlib import Path

import pytest

# More than that is no chance.
MOST = 3


class Failed:
    """Keeps which tests failed, where a run came to its end and nothing else was wrong with it."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._names: dict[str, None] = {}
        file.unlink(missing_ok=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._names[report.nodeid] = None

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.TESTS_FAILED:
            self._file.write_text("".join(f"{name}\n" for name in self._names))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Take the option; hooks of pytest, as conftest.py has them from here."""
    parser.addoption("--failed-to", type=Path, help="keep here which tests failed")


def pytest_configure(config: pytest.Config) -> None:
    """Listen in the process that hears of every test."""
    file = config.getoption("--failed-to")
    if file and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Failed(file))


def again(file: Path) -> int:
    """Run what failed once more, by itself; return pytest's status, 1 if it was too much."""
    names = file.read_text().splitlines() if file.exists() else []
    if not 0 < len(names) <= MOST:
        return int(pytest.ExitCode.TESTS_FAILED)
    print(f"\n{len(names)} failed beside the others; once more, by themselves:", flush=True)
    status = subprocess.run([sys.executable, "-m", "pytest", "-q", *names], check=False).returncode
    if status == 0:
        for name in names:
            print(f"FLAKY {name}: failed beside the others, passed by itself: mend it")
    return status


if __name__ == "__main__":
    sys.exit(again(Path(sys.argv[1])))
