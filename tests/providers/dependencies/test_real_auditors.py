"""Do the real npm and Deno judge a checkout, without a network and without touching it?"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from fairlead.gates.finding import Scan, Severity
from fairlead.providers.scanners.dependencies import audits
from providers.dependencies.checkouts import DENO_LOCK, digest, node
from providers.dependencies.registry import registry

needs_npm = pytest.mark.skipif(not shutil.which("npm"), reason="npm is not installed here")


def named(scans: tuple[Scan, ...], tool: str) -> Scan:
    (one,) = [scan for scan in scans if scan.tool == tool]
    return one


@needs_npm
def test_npm_finds_what_is_published_and_its_patch_mends_it(tmp_path: Path) -> None:
    with registry() as (address, asked):
        node(tmp_path / "web", address)
        before = digest(tmp_path)
        scans = audits.scan(tmp_path)
        assert digest(tmp_path) == before
        assert asked[0] == {"lodash": ["4.17.15"], "minimist": ["1.2.0"]}
    found = named(scans, "npm audit")
    assert found.unknown == ""
    assert [(one.rule, one.subject, one.severity) for one in found.findings] == [
        ("GHSA-35jh-r3h4-6jhm", "lodash 4.17.15", Severity.HIGH),
        ("GHSA-xvch-5gv4-984h", "minimist 1.2.0", Severity.CRITICAL),
    ]
    place = found.findings[1].place
    assert place is not None
    assert (place.file, place.line) == ("web/package-lock.json", 12)
    patched(tmp_path, found.findings[0].fix)
    lock = json.loads((tmp_path / "web/package-lock.json").read_text())
    assert lock["packages"]["node_modules/lodash"]["version"] == "4.17.21"
    assert lock["packages"]["node_modules/minimist"]["version"] == "1.2.8"


def patched(folder: Path, change: str) -> None:
    apply = ["git", "apply", "--unsafe-paths", "-"]
    subprocess.run(apply, cwd=folder, input=change.encode(), check=True)


@needs_npm
def test_npm_without_an_answer_leaves_all_unknown(tmp_path: Path) -> None:
    node(tmp_path, "http://127.0.0.1:9/")
    (tmp_path / ".npmrc").write_text("registry=http://127.0.0.1:9/\nfetch-retries=0\n")
    found = named(audits.scan(tmp_path), "npm audit")
    assert "npm audit could not judge package-lock.json: " in found.unknown
    assert not found.is_clean


def test_deno_finds_what_is_published_for_the_whole_lock_file(tmp_path: Path) -> None:
    with registry() as (address, asked):
        (tmp_path / "deno.lock").write_text(json.dumps(DENO_LOCK))
        (tmp_path / ".npmrc").write_text(f"registry={address}\n")
        before = digest(tmp_path)
        found = named(audits.scan(tmp_path), "deno audit")
        assert digest(tmp_path) == before
        assert asked == [{"lodash": ["4.17.15"], "minimist": ["1.2.0"]}]
    assert found.unknown == ""
    assert [one.subject for one in found.findings] == ["lodash 4.17.15", "minimist 1.2.0"]


def test_deno_says_of_good_packages_that_they_are_clean(tmp_path: Path) -> None:
    with registry() as (address, _):
        good = json.dumps(DENO_LOCK).replace("lodash", "left-pad").replace("minimist", "ms")
        (tmp_path / "deno.lock").write_text(good)
        (tmp_path / ".npmrc").write_text(f"registry={address}\n")
        assert all(scan.is_clean for scan in audits.scan(tmp_path))


def test_deno_without_an_answer_leaves_all_unknown(tmp_path: Path) -> None:
    (tmp_path / "deno.lock").write_text(json.dumps(DENO_LOCK))
    (tmp_path / ".npmrc").write_text("registry=http://127.0.0.1:9/\n")
    found = named(audits.scan(tmp_path), "deno audit")
    assert "deno audit could not judge deno.lock: it ended with status 1: error" in found.unknown


def test_the_sample_app_brings_in_nothing() -> None:
    sample = Path(__file__).parents[3] / "examples" / "agentic"
    (found,) = audits.scan(sample)
    assert found.is_clean
    assert found.findings[0].sentence == (
        "the checkout names no packages, so there is nothing to audit"
    )
