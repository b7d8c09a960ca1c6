"""How many secrets of a repository are found, how many of the findings are ones, and how fast?

The corpus has 422 secrets and 2,765 look-alikes; half of its families were held out while the rules
were tuned. The speed is that of a whole scan of Python's own library, on one core.
"""

import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

import secrets_corpus
from fairlead.demo.sample import AUTHOR, git_environment
from fairlead.gates.finding import Scan
from fairlead.providers.scanners.secrets import scan
from secrets_corpus import shares
from stand import finish, folder_of_its_own, say, say_load

ROUNDS = 3


def measure() -> dict[str, float]:
    """Return the shares (0 to 1) of the whole corpus and the speed in MB a second."""
    with folder_of_its_own() as folder:
        corpus = folder / "corpus"
        told = secrets_corpus.write(corpus)
        _commit(corpus)
        found = _judged(corpus)
        for name, half in (("tuned", True), ("held out", False)):
            share = shares([one for one in told if one.tuned is half], found)
            say(f"{name}: recall {share[0]:.3f}, precision {share[1]:.3f}")
        recall, precision = shares(told, found)
        return {
            "secrets_recall": round(recall, 4),
            "secrets_precision": round(precision, 4),
            "secrets_mb_s": round(_speed(folder / "library"), 1),
        }


def _speed(folder: Path) -> float:
    """Return how many MB of files a second of processor time reads, git's included."""
    shutil.copytree(
        Path(os.__file__).parent,
        folder,
        ignore=shutil.ignore_patterns("site-packages", "__pycache__", "*.so", "*.a"),
    )
    _commit(folder)
    files = [path for path in folder.rglob("*") if path.is_file() and ".git" not in path.parts]
    many = sum(path.stat().st_size for path in files)
    best = float("inf")
    for _ in range(ROUNDS):
        began, wall = _used(), time.monotonic()
        found = _judged(folder)
        used, wall = _used() - began, time.monotonic() - wall
        told = f"{used:.2f} s of one core, {wall:.2f} s; {len(found.findings)} found"
        say(f"{many / 1e6:.1f} MB: {told}")
        best = min(best, used)
    return many / 1e6 / best


def _used() -> float:
    told = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(it.ru_utime + it.ru_stime for it in told)


def _judged(folder: Path) -> Scan:
    found = scan(folder)
    if found.unknown:
        raise SystemExit(found.unknown)
    return found


def _commit(folder: Path) -> None:
    env = git_environment(folder.parent, AUTHOR)
    for words in (
        ("init", "--quiet"),
        ("add", "--all", "--force"),
        ("commit", "--quiet", "-m", "a"),
    ):
        subprocess.run(["git", "-C", str(folder), *words], env=env, check=True)


if __name__ == "__main__":
    say_load()
    finish(measure())
