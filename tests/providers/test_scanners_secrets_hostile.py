"""Does the search end, and say what it does not know, in a repository that means harm?"""

import json
import os
import resource
import time
from pathlib import Path

import pytest

from fairlead.gates.finding import Scan
from fairlead.gates.sarif import log
from fairlead.providers.scanners.secrets import context, formats, reading, scan, scanning
from fairlead.providers.scanners.secrets.leak import leaks
from fairlead.providers.scanners.secrets.reading import windows
from providers.secrets_stand import WorkingCopy

MB = 1024 * 1024


@pytest.fixture
def copy(tmp_path: Path) -> WorkingCopy:
    return WorkingCopy(tmp_path / "app")


def places(found: Scan) -> list[tuple[str, int, int]]:
    assert found.unknown == ""
    told = [one.place for one in found.findings]
    return [(it.file, it.line, it.column) for it in told if it]


def test_names_with_newlines_and_escapes_are_places_like_others(copy: WorkingCopy) -> None:
    names = ("a\nb", "c\x1b[2Jd", "-e", "100%", os.fsdecode(b"f\xff"), "* ?", "\tg")
    copy.commit(**{name: f"password = '{copy.password()}'\n" for name in names})
    found = scan(copy.folder)
    assert sorted(file for file, _, _ in places(found)) == sorted(names)
    assert json.dumps(log([found]))
    assert all(one.sentence.isprintable() for one in found.findings)


def test_a_link_is_never_followed(copy: WorkingCopy, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text(f"password = '{copy.password()}'\n")
    (copy.folder / "link").symlink_to(outside / "file")
    copy.commit(**{"inner/file": "clean\n"})
    (copy.folder / "inner" / "file").unlink()
    (copy.folder / "inner").rmdir()
    (copy.folder / "inner").symlink_to(outside)
    assert scan(copy.folder).is_clean


def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(copy: WorkingCopy) -> None:
    copy.commit(file=f"password = '{copy.password()}'\n")
    (copy.folder / "file").unlink()
    os.mkfifo(copy.folder / "file")
    assert places(scan(copy.folder)) == [("file", 1, 13)]


def test_a_submodule_is_not_read(copy: WorkingCopy, tmp_path: Path) -> None:
    other = WorkingCopy(tmp_path / "other")
    other.commit(file=f"password = '{copy.password()}'\n")
    copy.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.folder))
    copy.commit()
    assert scan(copy.folder).is_clean


def test_binary_files_are_skipped_and_utf_16_is_text(copy: WorkingCopy) -> None:
    line = f"password = '{copy.password()}'\n"
    copy.put("binary", b"\0" + line.encode())
    copy.put("late", b"x" * reading.BINARY_BYTES + b"\0\n" + line.encode())
    copy.put("wide", ("é\n" + line).encode("utf-16"))
    copy.put("broken", b"\xff\xfe\xfa"[2:] + b"\xc3\n" + line.encode())
    copy.commit()
    assert places(scan(copy.folder)) == [("broken", 2, 13), ("late", 2, 13), ("wide", 2, 13)]


@pytest.mark.parametrize("since", ["0" * 40, "abcdef1", "-x", "main", "HEAD~1", "", "x\ny"])
def test_only_a_commit_that_is_there_is_a_beginning(copy: WorkingCopy, since: str) -> None:
    copy.commit(file="clean\n")
    found = scan(copy.folder, since)
    assert bool(found.unknown) is bool(since)
    assert found.unknown.isprintable()


def test_a_folder_without_a_repository_is_unknown_even_within_another(copy: WorkingCopy) -> None:
    copy.commit(**{"inner/file": "clean\n"})
    assert "is no commit here" in scan(copy.folder / "inner").unknown
    assert scan(copy.folder / "nothing").unknown
    (copy.folder / ".git").rename(copy.folder / "git")
    assert not scan(copy.folder).is_clean


def test_a_missing_content_is_unknown(copy: WorkingCopy) -> None:
    copy.commit(file="clean\n", other="else\n")
    blob = copy.git("rev-parse", "HEAD:other").strip()
    (copy.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    (copy.folder / "other").unlink()
    assert f"the content {blob[:12]} is missing" in scan(copy.folder).unknown


def test_a_history_that_was_not_fetched_is_unknown(copy: WorkingCopy, tmp_path: Path) -> None:
    since = copy.commit(file="1\n")
    for text in ("2\n", "3\n"):
        copy.commit(file=text)
    there = tmp_path / "there"
    copy.git("clone", "--quiet", "--depth=1", f"file://{copy.folder}", str(there))
    copy.git("-C", str(there), "fetch", "--quiet", "--depth=1", "origin", since)
    assert scan(there).is_clean
    assert "git fetch --unshallow" in scan(there, since).unknown


def test_a_search_that_takes_too_long_is_ended_and_unknown(
    copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy.commit(file="clean\n")
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nsleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(scanning, "LIMIT_S", 0.5)
    began = time.monotonic()
    assert "it did not end within 0.5 s" in scan(copy.folder).unknown
    assert time.monotonic() - began < 10


def test_more_secrets_than_anybody_reads_are_unknown(
    copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scanning, "MOST_FINDINGS", 20)
    copy.commit(file="".join(f"password = '{copy.password()}'\n" for _ in range(21)))
    assert "more than 20" in scan(copy.folder).unknown


def test_rules_that_cannot_judge_are_unknown_and_their_words_are_not_told(
    copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Broken:
        def scan(self, window: bytes, timeout: float) -> None:
            raise RuntimeError(window.decode())

    secret = copy.password()
    copy.commit(file=f"password = '{secret}'\n")
    monkeypatch.setattr(formats, "_scanner", Broken)
    found = scan(copy.folder)
    assert "ended with RuntimeError" in found.unknown
    assert secret not in found.unknown


def test_a_secret_is_found_once_wherever_windows_meet(
    copy: WorkingCopy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "WINDOW_BYTES", 4000)
    monkeypatch.setattr(reading, "OVERLAP_BYTES", 1500)
    text = "".join(
        f"é{'x' * (number % 97)} {copy.token()} password = '{copy.password()}'\n"
        for number in range(200)
    ).encode()
    found = list(leaks([text[at : at + 777] for at in range(0, len(text), 777)], is_env=False))
    assert [one.span[0] for one in found] == [line for line in range(1, 201) for _ in range(2)]
    assert {one.span[1] for one in found[::2]} == {3 + number % 97 for number in range(200)}


@pytest.mark.parametrize(
    "piece",
    [b"a", b"password=", b"pass", b"://", b"token:'", b"authorization: basic ", b"A=",
     b"-----BEGIN ",
     b"api_key,", b"key\t", b"a:b@", b"://a:", b"secret=secret=", b"eyJ.", b"\\", b"'\"",
     b" ", b"x.pass."],
)  # fmt: skip
def test_no_text_takes_more_than_its_length(piece: bytes) -> None:
    def seconds(many: int) -> float:
        text = (piece * (many // len(piece) + 1))[:many]
        began = time.process_time()
        list(leaks([text], is_env=True))
        return time.process_time() - began

    seconds(1000)
    one, four = seconds(MB // 4), seconds(MB)
    assert four < 12 * one + 0.5
    assert four < 10


def test_a_gigabyte_takes_a_bounded_part_of_memory(tmp_path: Path) -> None:
    def chunks() -> list[bytes]:
        return [b"x" * MB]

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    most = 0
    many = 0
    for window in windows(chunk for _ in range(1024) for chunk in chunks()):
        most = max(most, len(window.text))
        many += window.last - window.first
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert most <= reading.WINDOW_BYTES + reading.OVERLAP_BYTES
    assert many == 1024 * MB
    assert (after - before) * 1024 < 64 * MB


def test_a_line_of_100_megabytes_is_read_to_its_end(copy: WorkingCopy) -> None:
    copy.put("line", b"x " * (50 * MB) + f"password = '{copy.password()}'".encode())
    copy.commit()
    began = time.monotonic()
    assert places(scan(copy.folder)) == [("line", 1, 100 * MB + 13)]
    assert time.monotonic() - began < 60


def test_context_is_looked_for_in_bytes_that_are_no_text() -> None:
    assert list(context.hits(bytes(range(256)) * 100, is_env=True)) == []
