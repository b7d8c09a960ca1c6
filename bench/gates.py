"""How long do the gates of the sample app take side by side, and how good and quick are our own?

The sample app is committed into a folder of its own, and `fairlead gates run` runs every gate that
comes before its first deployment, as it would before a commit. Its wall time stands beside that of
the slowest gate. Then secrets are looked for in a corpus with known answers, and ten thousand
findings are merged, compared and written.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Any

from fairlead.demo.sample import Sample
from merge import merge_10k
from secret_scanning import measure
from stand import finish, folder_of_its_own, limit, say, say_load

ROUNDS = 5
FAIRLEAD = (sys.executable, "-m", "fairlead.cli.main")


def ran(folder: Path, *names: str) -> dict[str, Any]:
    """Run gates of the app in `folder`; a gate that does not pass ends the bench."""
    words = [*FAIRLEAD, "gates", "run", *names, "--json"]
    env = os.environ | {"NO_COLOR": "1"}
    ended = subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    if ended.returncode != 0:
        raise SystemExit(f"the gates do not pass: {ended.stdout}{ended.stderr}")
    told: dict[str, Any] = json.loads(ended.stdout)
    return told


def gates(folder: Path) -> tuple[float, float]:
    """Return the wall time of all gates side by side, and that of the slowest among them."""
    Sample(folder, {})
    ran(folder)
    rounds = []
    for number in range(ROUNDS):
        told = ran(folder)
        slowest = max(told["gates"], key=lambda one: float(one["took_s"]))
        rounds.append((told["wall_s"], slowest["took_s"]))
        say(
            f"round {number + 1}: {len(told['gates'])} gates in {told['wall_s']:.2f} s, the "
            f"slowest of them, {slowest['gate']}, in {slowest['took_s']:.2f} s"
        )
    alone = {one["gate"]: ran(folder, one["gate"])["wall_s"] for one in told["gates"]}
    told_alone = ", ".join(f"{name} {took_s:.2f}" for name, took_s in alone.items())
    say(f"one after the other {sum(alone.values()):.2f} s: {told_alone}")
    return median(wall for wall, _ in rounds), median(slowest for _, slowest in rounds)


def main() -> None:
    """Measure everything, and tell it."""
    limit(900)
    with folder_of_its_own() as folder:
        wall_s, slowest_s = gates(folder / "app")
    say_load()
    figures = {"wall_s": wall_s, "slowest_s": slowest_s, **measure(), "merge_10k_s": merge_10k()}
    say_load()
    finish({name: round(value, 3) for name, value in figures.items()})


if __name__ == "__main__":
    main()
