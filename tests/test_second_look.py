"""Is a flaky test told and let through, and one that fails always never?"""

import subprocess
import sys
from pathlib import Path

import second_look

ONCE = """
from pathlib import Path
def test_a():
    mark = Path(__file__).with_suffix(".mark")
    if not mark.exists():
        mark.touch()
        raise AssertionError
"""


def looked(folder: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Run a file of tests, and what failed of it once more; return how the second look ended."""
    failed, test = folder / "failed", folder / "test_it.py"
    test.write_text(text)
    words = ("-m", "pytest", "-q", "-p", "second_look", f"--failed-to={failed}", str(test))
    paths = {"PYTHONPATH": str(Path(second_look.__file__).parent)}
    first = subprocess.run([sys.executable, *words], cwd=folder, env=paths, check=False)
    assert first.returncode == 1
    again = [sys.executable, second_look.__file__, str(failed)]
    return subprocess.run(again, cwd=folder, capture_output=True, text=True, check=False)


def test_what_passes_by_itself_is_told_as_flaky(tmp_path: Path) -> None:
    told = looked(tmp_path, ONCE)
    assert told.returncode == 0
    assert "FLAKY test_it.py::test_a: failed beside the others" in told.stdout


def test_what_fails_again_fails(tmp_path: Path) -> None:
    told = looked(tmp_path, "def test_a():\n    assert False\n")
    assert told.returncode == 1
    assert "FLAKY" not in told.stdout


def test_many_failures_are_no_chance(tmp_path: Path) -> None:
    told = looked(tmp_path, "".join(f"def test_{n}():\n    assert False\n" for n in range(4)))
    assert (told.returncode, told.stdout) == (1, "")


def test_a_run_that_did_not_come_to_its_end_is_not_looked_at_again(tmp_path: Path) -> None:
    assert second_look.again(tmp_path / "failed") == 1
