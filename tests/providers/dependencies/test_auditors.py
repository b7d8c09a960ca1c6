"""Is everything that an auditor cannot judge unknown, and what it finds told whole?"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairlead.gates.finding import Scan
from fairlead.providers.scanners.dependencies import audits, checkout, tool
from providers.dependencies.checkouts import DENO_LOCK, HASH, digest, node, says

PINNED = f"jinja2==2.11.0 {HASH}\n"
BAD = {"id": "PYSEC-2021-66", "fix_versions": ["2.11.3", "3.0.1"], "aliases": [],
       "description": "ReDoS"}  # fmt: skip


def report(*bad: Any, name: str = "jinja2") -> dict[str, Any]:
    return {"dependencies": [{"name": name, "version": "2.11.0", "vulns": bad}], "fixes": []}


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put an empty folder in the place of all programs; return it, to be filled."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (tmp_path / "app").mkdir()
    monkeypatch.setattr(f"{tool.__name__}.sysconfig.get_path", lambda _: str(folder))
    monkeypatch.setenv("PATH", str(folder))
    return folder


@pytest.fixture
def app(tmp_path: Path, programs: Path) -> Path:
    assert programs.is_dir()
    return tmp_path / "app"


def only(app: Path, *outputs: Path) -> Scan:
    (one,) = [scan for scan in audits.scan(app, outputs) if scan.tool != "dependencies"]
    return one


def coverage(app: Path, *outputs: Path) -> Scan:
    return audits.scan(app, outputs)[0]


def test_a_tool_that_is_missing_leaves_its_manifest_unknown(app: Path) -> None:
    node(app / "web")
    (app / "requirements.txt").write_text(PINNED)
    (app / "deno.lock").write_text(json.dumps(DENO_LOCK))
    _, npm, pip, deno = audits.scan(app)
    assert "web/package-lock.json: npm is not installed: install Node.js" in npm.unknown
    assert "requirements.txt: pip-audit is not installed: `pipx install" in pip.unknown
    assert "deno.lock: deno is not installed: `pip install deno`" in deno.unknown


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("exit 0", "it ended with status 0: it did not say why"),
        ("echo '{}'; exit 1", "its report cannot be read"),
        ("echo 'npm warn old' >&2; printf 'b\\033[2Jad' >&2; exit 7",
         "it ended with status 7: b [2Jad"),
        ("yes", "it wrote more than 16 MB"),
        ("kill -9 $$", "it ended with status -9"),
        ('echo \'{"message": "403 at https://me:secret@a.example", "error": {}}\'; exit 1',
         "it has no report: 403 at https://a.example"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_unknown(app: Path, programs: Path, script: str, why: str) -> None:
    node(app)
    says(programs / "npm", "", before=f'[ "$1" = --version ] && exit 0\n{script}')
    found = only(app)
    assert f"npm audit could not judge package-lock.json: {why}" in found.unknown
    assert not found.is_clean
    assert found.unknown.isprintable()


def test_a_tool_that_does_not_end_is_ended(
    app: Path, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tool, "LIMIT_S", 0.3)
    (app / "requirements.txt").write_text(PINNED)
    says(programs / "pip-audit", "", before="exec sleep 60")
    assert "it did not end within 0.3 s" in only(app).unknown


def test_a_tool_learns_nothing_of_our_environment(app: Path, programs: Path) -> None:
    os.environ["FAIRLEAD_TEST_TOKEN"] = "secret"
    (app / "requirements.txt").write_text(PINNED)
    says(programs / "pip-audit", report(), before=f"/usr/bin/env > {app.parent}/env")
    try:
        assert only(app).is_clean
    finally:
        del os.environ["FAIRLEAD_TEST_TOKEN"]
    told = (app.parent / "env").read_text()
    assert "secret" not in told
    assert f"HOME={Path.home()}\n" not in told


def test_pip_audit_is_given_names_and_versions_alone(app: Path, programs: Path) -> None:
    (app / "requirements.txt").write_text(f"--index-url https://me:secret@a.example/\n{PINNED}")
    says(programs / "pip-audit", report(), before=f"cp given.txt {app.parent}/given 2>/dev/null")
    assert only(app).is_clean
    assert (app.parent / "given").read_text() == "jinja2==2.11.0\n"


def test_a_changed_line_is_proposed_and_the_checkout_stays(app: Path, programs: Path) -> None:
    (app / "requirements.txt").write_text("flask==2.0\nJinja2==2.11.0  # old")
    told = report(BAD)
    told["dependencies"].append({"name": "flask", "version": "2.0", "vulns": []})
    says(programs / "pip-audit", told, status=1)
    before = digest(app)
    found = only(app)
    assert digest(app) == before
    assert found.findings[0].fix == (
        "--- a/requirements.txt\n+++ b/requirements.txt\n@@ -1,2 +1,2 @@\n flask==2.0\n"
        "-Jinja2==2.11.0  # old\n\\ No newline at end of file\n"
        "+Jinja2==2.11.3  # old\n\\ No newline at end of file\n"
    )
    assert "requirements.txt may leave out what its packages bring along" in found.unknown


def test_a_line_with_a_hash_is_not_changed_because_the_new_hash_is_unknown(
    app: Path, programs: Path
) -> None:
    (app / "requirements.txt").write_text(PINNED)
    says(programs / "pip-audit", report(BAD), status=1)
    found = only(app)
    assert (found.findings[0].fix, found.findings[0].help) == ("", "fixed in 2.11.3, 3.0.1")
    assert found.unknown == ""


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PINNED + "flask>=2\n", "requirements.txt leaves the version open: flask>=2: lock it"),
        (PINNED + "-r ../else.txt\n", "requirements.txt includes ../else.txt"),
        (PINNED + f"flask==2.0 {HASH}\n", "pip-audit left out 1 of the packages (flask)"),
    ],
)
def test_what_a_requirements_file_leaves_open_is_unknown(
    app: Path, programs: Path, text: str, why: str
) -> None:
    (app / "requirements.txt").write_text(text)
    says(programs / "pip-audit", report())
    assert why in only(app).unknown


def test_two_versions_for_different_machines_are_both_audited(app: Path, programs: Path) -> None:
    other = f"jinja2==2.10 ; python_version < '3.12' {HASH}\n"
    (app / "requirements.txt").write_text(PINNED + other)
    says(programs / "pip-audit", report(), before=f"cat given.txt >> {app.parent}/given")
    assert only(app).is_clean
    assert (app.parent / "given").read_text() == "jinja2==2.10\njinja2==2.11.0\n"


def test_lock_files_of_python_are_audited(app: Path, programs: Path) -> None:
    (app / "uv.lock").write_text(
        'version = 1\n[[package]]\nname = "app"\nsource = { editable = "." }\n'
        '[[package]]\nname = "Jinja2"\nversion = "2.11.0"\n'
    )
    says(programs / "pip-audit", report(BAD), status=1)
    found = only(app)
    assert [one.subject for one in found.findings] == ["jinja2 2.11.0"]
    assert found.unknown == ""


@pytest.mark.parametrize("status", [0, 1])
def test_a_status_that_does_not_agree_with_denos_report_is_unknown(
    app: Path, programs: Path, status: int
) -> None:
    (app / "deno.lock").write_text(json.dumps(DENO_LOCK))
    says(programs / "deno", "No known vulnerabilities found", status)
    assert bool(only(app).unknown) is bool(status)


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        ("yarn.lock", "", "Fairlead has no auditor for yarn.lock: give the results of `osv-"),
        ("package.json", '{"dependencies": {"a": "1"}}', "package.json wants packages and no lock"),
        ("pyproject.toml", '[project]\ndependencies = ["a"]', "pyproject.toml wants packages"),
        ("pyproject.toml", "[project", "pyproject.toml cannot be read"),
        ("a/b.ts", 'import a from "npm:left-pad@1";', 'a/b.ts imports "npm:left-pad@1" and no'),
        ("a.js", 'await import("https://a.example/b.js")', "a.js imports"),
        ("deno.json", '{"imports": {"a": "jsr:@std/assert@1"}}', "deno.json imports"),
    ],
)
def test_what_nobody_judges_is_unknown(app: Path, path: str, text: str, why: str) -> None:
    (app / path).parent.mkdir(exist_ok=True)
    (app / path).write_text(text)
    assert f"not all dependencies are known: {why}" in coverage(app).unknown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("package.json", '{"scripts": {}}'), ("pyproject.toml", '[project]\nname = "a"'),
        ("deno.json", '{"$schema": "https://deno.land/x/schema.json"}'), ("a.py", "import npm"),
        ("a.ts", 'import a from "./b.ts"; fetch("https://a.example");'),
        ("node_modules/a/package.json", '{"dependencies": {"b": "1"}}'),
    ],
)  # fmt: skip
def test_what_brings_in_nothing_is_clean(app: Path, path: str, text: str) -> None:
    (app / path).parent.mkdir(parents=True, exist_ok=True)
    (app / path).write_text(text)
    assert [scan.is_clean for scan in audits.scan(app)] == [True]


def test_an_import_that_the_lock_file_names_is_known(app: Path, programs: Path) -> None:
    (app / "deno.lock").write_text(json.dumps(DENO_LOCK))
    (app / "src").mkdir()
    (app / "src/a.ts").write_text('import a from "npm:lodash@4.17.15/fp";')
    says(programs / "deno", "No known vulnerabilities found")
    assert all(scan.is_clean for scan in audits.scan(app))


def osv(app: Path, path: str) -> Path:
    package = {"package": {"name": "a", "version": "1"}, "vulnerabilities": [{"id": "GHSA-1"}]}
    told = {"results": [{"source": {"path": path}, "packages": [package]}]}
    output = app.parent / "osv.json"
    output.write_text(json.dumps(told))
    return output


def test_results_of_another_tool_judge_what_they_name(app: Path) -> None:
    (app / "yarn.lock").write_text("")
    node(app)
    output = osv(app, f"{app}/yarn.lock")
    whole, npm, found = audits.scan(app, [output])
    assert (whole.unknown, [one.rule for one in found.findings]) == ("", ["GHSA-1"])
    assert npm.unknown
    (app / "yarn.lock").unlink()
    assert len(audits.scan(app, [osv(app, "package-lock.json")])) == 2


@pytest.mark.parametrize("text", [None, "", "{}", '{"results": [{}]}'])
def test_results_that_are_none_are_unknown(app: Path, text: str | None) -> None:
    output = app.parent / "osv.json"
    if text is not None:
        output.write_text(text)
    assert "the results in osv.json could not be taken: " in only(app, output).unknown


def test_a_manifest_that_is_no_plain_file_is_unknown_and_is_not_waited_for(app: Path) -> None:
    secret = app.parent / "secret"
    secret.write_text("root:x")
    (app / "requirements.txt").symlink_to(secret)
    os.mkfifo(app / "deno.lock")
    told = "; ".join(scan.unknown for scan in audits.scan(app))
    assert "requirements.txt cannot be read" in told
    assert "deno.lock is no plain file" in told
    assert "root:x" not in told


def test_a_workspace_outside_the_checkout_is_not_read(app: Path, programs: Path) -> None:
    says(programs / "npm", "{}")
    (app.parent / "package.json").write_text("{}")
    node(app, packages={"../": {}, "node_modules/a": {"version": "1"}})
    assert "names a folder outside the checkout" in only(app).unknown
    (app / "link").symlink_to(app.parent)
    node(app, packages={"link": {}, "node_modules/a": {"version": "1"}})
    assert "link/package.json lies outside the checkout" in only(app).unknown


def test_a_checkout_too_large_to_look_through_is_unknown(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "MOST_ENTRIES", 3)
    for name in "abcd":
        (app / name).write_text("")
    (found,) = audits.scan(app)
    assert "there are more than 3 files and folders" in found.unknown
    assert "unknown: the checkout cannot be read" in audits.scan(app / "none")[0].unknown


def test_a_manifest_too_large_to_read_is_unknown(
    app: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "MOST_BYTES", 10)
    (app / "requirements.txt").write_text(PINNED)
    assert "requirements.txt has more than 0 MB" in only(app).unknown
