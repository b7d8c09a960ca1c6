"""Can a checkout put code of its own in the place of the commands that judge it?"""

import os
import subprocess
from pathlib import Path

import pytest

from fairlead.gates.ports import Asked, Built
from fairlead.migrations.ports import Place, Task
from fairlead.providers.databases.commands import DatabaseCommands
from fairlead.providers.scanners.commands import GateCommands
from fairlead.providers.secrets.files import SecretFiles

THERE = Path("there")


def commands(folder: Path) -> dict[str, list[str]]:
    secrets = SecretFiles(folder)
    secrets.put("shop", "postgresql:///shop")
    gates, databases = GateCommands(secrets, folder), DatabaseCommands(folder, secrets)
    asked = Asked("secrets", THERE, THERE, app="shop", environment="live")
    place = Place("shop", "live", "shop", 5.0)
    return {
        "judge": gates.command(asked),
        "privacy": gates.privacy(asked),
        "sbom": gates.sbom(Built("shop", "0" * 40, {}, THERE, THERE, THERE)),
        "database": databases.command(Task.MIGRATE, place, THERE, THERE),
    }


@pytest.mark.parametrize("which", ["judge", "privacy", "sbom", "database"])
def test_a_checkout_cannot_take_the_place_of_what_judges_it(tmp_path: Path, which: str) -> None:
    words = commands(tmp_path / "secrets")[which]
    checkout = tmp_path / "checkout"
    (checkout / "fairlead").mkdir(parents=True)
    for file in ("fairlead/__init__.py", "json.py", "sitecustomize.py", "typer.py"):
        (checkout / file).write_text("import os; print('all is well', flush=True); os._exit(0)")
    env = os.environ | {"PYTHONPATH": str(checkout)}
    told = subprocess.run(
        [*words, "--help"], cwd=checkout, env=env, capture_output=True, text=True, check=False
    )
    assert (told.returncode, "all is well" in told.stdout) == (0, False), told.stderr
    assert "--report" in told.stdout
