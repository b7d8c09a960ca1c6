"""Are all packages of a checkout named, and is what is not named a gap?"""

import json
from pathlib import Path

from fairlead.providers.scanners.dependencies.inventory import inventory
from providers.dependencies.checkouts import DENO_LOCK, HASH, node


def test_every_lock_file_is_read(tmp_path: Path) -> None:
    node(tmp_path / "web")
    (tmp_path / "deno.lock").write_text(json.dumps(DENO_LOCK))
    (tmp_path / "requirements.txt").write_text(f"jinja2==2.11.0 {HASH}\n")
    found = inventory(tmp_path)
    assert found.gaps == ()
    assert {path: [one.subject for one in some] for path, some in found.locks.items()} == {
        "deno.lock": ["lodash 4.17.15", "minimist 1.2.0"],
        "requirements.txt": ["jinja2 2.11.0"],
        "web/package-lock.json": ["lodash 4.17.15", "minimist 1.2.0"],
    }


def test_what_is_not_named_is_a_gap(tmp_path: Path) -> None:
    (tmp_path / "yarn.lock").write_text("")
    (tmp_path / "requirements.txt").write_text("flask>=2\n")
    (tmp_path / "uv.lock").write_text("[[package")
    first, *rest = inventory(tmp_path).gaps
    assert first.startswith("Fairlead has no auditor for yarn.lock")
    assert rest == [
        "requirements.txt leaves the version open: flask>=2: lock it with hashes "
        "(`uv pip compile --generate-hashes`)",
        "uv.lock: the lock file cannot be read",
    ]
    (gap,) = inventory(tmp_path / "none").gaps
    assert gap == "the checkout cannot be read: No such file or directory"


def test_a_tree_without_any_lock_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    assert inventory(tmp_path).gaps == ("there is no lock file, so no package is known",)
    (tmp_path / "yarn.lock").write_text("")
    (gap,) = inventory(tmp_path).gaps
    assert gap.startswith("Fairlead has no auditor for yarn.lock")
