"""Is every secret of a working copy and of its newest commits found, and never told?"""

import json
import re
from dataclasses import asdict
from pathlib import Path
from random import Random

import pytest

import secrets_corpus
import secrets_true
from fairlead.gates.finding import Finding, Scan, Severity, fingerprints
from fairlead.gates.sarif import log
from fairlead.providers.scanners.secrets import scan
from fairlead.providers.scanners.secrets.leak import leaks
from providers.secrets_stand import WorkingCopy


@pytest.fixture
def copy(tmp_path: Path) -> WorkingCopy:
    return WorkingCopy(tmp_path / "app")


def only(found: Scan) -> Finding:
    assert found.unknown == ""
    (one,) = found.findings
    return one


def test_a_secret_is_told_with_its_kind_its_name_its_length_and_its_place(
    copy: WorkingCopy,
) -> None:
    copy.commit(config=f"é = 1\n  DB_PASSWORD = '{copy.password()}'\n")
    one = only(scan(copy.folder))
    assert one.sentence == "a password (20 characters) in DB_PASSWORD lies in the file"
    assert one.place is not None
    assert asdict(one.place) == {
        "file": "config", "line": 2, "column": 18, "end_line": 2, "end_column": 38,
    }  # fmt: skip
    assert (one.rule, one.subject, one.severity) == ("password", "DB_PASSWORD", Severity.HIGH)
    assert "Revoke it" in one.help


def test_a_known_format_is_found_whatever_its_name(copy: WorkingCopy) -> None:
    copy.commit(notes=f"x {copy.token()}\n")
    one = only(scan(copy.folder))
    assert one.severity is Severity.CRITICAL
    assert one.rule.startswith("github")
    assert one.subject == one.rule


def test_what_is_changed_and_not_committed_counts_too(copy: WorkingCopy) -> None:
    copy.commit(config="clean\n")
    copy.put("config", f"password = '{copy.password()}'\n")
    copy.put("untracked", f"password = '{copy.password()}'\n")
    assert only(scan(copy.folder)).subject == "password"


def test_what_is_committed_counts_when_the_file_is_gone_or_clean(copy: WorkingCopy) -> None:
    copy.commit(config=f"password = '{copy.password()}'\n", other=f"x = '{copy.token()}'\n")
    (copy.folder / "config").unlink()
    copy.put("other", "clean\n")
    assert len(scan(copy.folder).findings) == 2


def test_a_secret_that_was_taken_out_again_is_told_with_its_commit(copy: WorkingCopy) -> None:
    since = copy.commit(config="clean\n")
    added = copy.commit(config=f"clean\npassword = '{copy.password()}'\n")
    copy.commit(config="clean\n# more\n")
    assert scan(copy.folder).is_clean
    one = only(scan(copy.folder, since))
    assert one.subject == f"password, commit {added[:12]}"
    assert f"was added by commit {added[:12]} and stays in its history" in one.sentence
    assert scan(copy.folder, added).is_clean


def test_a_secret_that_is_still_there_is_told_once(copy: WorkingCopy) -> None:
    secret = copy.password()
    since = copy.commit(config="clean\n")
    copy.commit(config=f"password = '{secret}'\n")
    copy.commit(config=f"# more\npassword = '{secret}'\n")
    copy.git("mv", "config", "moved")
    copy.commit()
    assert only(scan(copy.folder, since)).subject == "password"


def test_an_old_secret_is_not_told_of_a_commit_that_only_touches_its_file(
    copy: WorkingCopy,
) -> None:
    secret = copy.password()
    since = copy.commit(config=f"password = '{secret}'\n")
    copy.commit(config=f"# more\npassword = '{secret}'\n")
    copy.commit(config="clean\n")
    assert scan(copy.folder, since).is_clean


def test_a_secret_that_only_a_merge_added_is_found(copy: WorkingCopy) -> None:
    since = copy.commit(config="a\n")
    copy.git("checkout", "--quiet", "-b", "other")
    copy.commit(config="a\nb\n")
    copy.git("checkout", "--quiet", "main")
    copy.commit(more="c\n")
    copy.git("merge", "--quiet", "--no-commit", "other")
    merged = copy.commit(config=f"a\nb\npassword = '{copy.password()}'\n")
    copy.commit(config="a\nb\n")
    assert only(scan(copy.folder, since)).subject == f"password, commit {merged[:12]}"


def test_attributes_and_settings_of_the_repository_hide_nothing(
    copy: WorkingCopy, tmp_path: Path
) -> None:
    since = copy.commit(a="1\n", **{".gitattributes": "* binary -diff diff=x filter=x\n"})
    marks = tmp_path / "ran"
    for name in ("diff.x.textconv", "diff.x.command", "filter.x.clean", "core.fsmonitor"):
        copy.git("config", name, f"sh -c 'touch {marks}; echo clean'")
    copy.git("config", "--unset", "filter.x.clean")
    copy.git("config", "--unset", "core.fsmonitor")
    copy.commit(a=f"password = '{copy.password()}'\n")
    copy.commit(a="2\n")
    copy.git("config", "core.fsmonitor", f"touch {marks}; false")
    copy.git("config", "filter.x.clean", f"touch {marks}; echo clean")
    assert "commit" in only(scan(copy.folder, since)).subject
    assert not marks.exists()


def test_equal_secrets_have_fingerprints_that_do_not_depend_on_them(copy: WorkingCopy) -> None:
    def told() -> tuple[str, ...]:
        copy.commit(config="".join(f"password = '{copy.password()}'\n" for _ in range(2)))
        found = scan(copy.folder)
        assert len(found.findings) == 2
        return fingerprints(found.tool, found.findings)

    first = told()
    assert len(set(first)) == 2
    assert told() == first


def test_no_pragma_in_the_line_hides_a_secret(copy: WorkingCopy) -> None:
    marks = ("gitleaks:allow", "pragma: allowlist secret", "kingfisher:ignore", "betterleaks:allow")
    lines = (
        f"password = '{copy.password()}'  # {mark}\nx = '{copy.token()}' # {mark}\n"
        for mark in marks
    )
    copy.commit(config="".join(lines))
    assert len(scan(copy.folder).findings) == 2 * len(marks)


def test_no_piece_of_any_secret_of_the_corpus_is_ever_told(tmp_path: Path) -> None:
    copy = WorkingCopy(tmp_path / "app")
    told = [one for one in secrets_corpus.write(copy.folder) if one.is_secret]
    copy.commit()
    found = scan(copy.folder)
    assert found.unknown == ""
    assert len(found.findings) >= len(told)
    # Fingerprints are digits by chance: another test shows that they do not depend on secrets.
    written = re.sub(r'"fairlead/v1": "[0-9a-f]{16}"', "", json.dumps(log([found])))
    plain = pieces(found.about) | pieces(Path(secrets_true.__file__).read_text("utf-8"))
    said = pieces(f"{found!r}\n{written}") - plain
    assert [one.text for one in told if not pieces(one.value).isdisjoint(said)] == []


def test_both_halves_of_the_corpus_are_told_apart_from_their_look_alikes(tmp_path: Path) -> None:
    copy = WorkingCopy(tmp_path / "app")
    told = secrets_corpus.write(copy.folder)
    copy.commit()
    found = scan(copy.folder)
    for half in (True, False):
        some = [one for one in told if one.tuned is half]
        recall, precision = secrets_corpus.shares(some, found)
        assert recall >= 0.95
        assert precision >= 0.9
    assert sum(one.is_secret for one in told) >= 200
    assert sum(not one.is_secret for one in told) >= 2000


def test_no_piece_of_a_drawn_secret_is_ever_told(copy: WorkingCopy) -> None:
    chance = Random(11)
    names = ("password", "api_key", "token", "AUTH_TOKEN", "clientSecret")
    for _ in range(300):
        secret = "".join(chance.choices("ABCDEFGHJKLMNPQRSTUVWXYZ23456789+/._-", k=24))
        name = chance.choice(names)
        line = chance.choice(
            (f"{name}='{secret}'", f"{secret}{name}: '{secret}'", f"{name} = {secret}\n")
        )
        told = repr(list(leaks([line.encode()], is_env=True)))
        assert pieces(secret).isdisjoint(pieces(told))


def pieces(text: str) -> set[str]:
    return {text[at : at + 6] for at in range(len(text) - 5)}
