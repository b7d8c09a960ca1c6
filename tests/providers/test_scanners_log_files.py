"""What is read of a log that is large, put aside in parts, junk, or not there?"""

import os
from pathlib import Path

import pytest

from fairlead.errors import Refused
from fairlead.privacy.logged import look_at
from fairlead.providers.scanners.log_files import LogFile

GIGABYTE = 1024**3


def test_the_newest_comes_from_the_parts_put_aside_too(tmp_path: Path) -> None:
    log = tmp_path / "slot.log"
    for name, text in (("", "four\n"), (".1", "two\nthree\n"), (".2", "zero\none\n")):
        log.with_name(f"slot.log{name}").write_text(text)
    assert LogFile("a", log).newest(1000).lines == ("zero", "one", "two", "three", "four")
    newest = LogFile("a", log).newest(20)
    assert (newest.lines, newest.left_out) == (("", "one", "two", "three", "four"), 4)


def test_of_a_gigabyte_only_the_end_is_read(tmp_path: Path) -> None:
    log = tmp_path / "slot.log"
    with log.open("wb") as file:
        file.truncate(GIGABYTE)
        file.seek(GIGABYTE)
        file.write(b"\nto ana@example.org\n")
    (seen,) = look_at([(LogFile("a", log), "")])
    assert sum(count for _, count in seen.counts) == 1
    assert seen.left_out == log.stat().st_size - 4 * 1024 * 1024


def test_junk_is_no_obstacle(tmp_path: Path) -> None:
    log = tmp_path / "slot.log"
    log.write_bytes(bytes(range(256)) * 500 + b"\xff ana@example.org \xfe" + os.urandom(50_000))
    (seen,) = look_at([(LogFile("a", log), "")])
    assert "an e-mail address" in {kind.value for kind, _ in seen.counts}
    assert seen.unknown == ""


def test_what_is_no_file_is_refused_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "nowhere", "."):
        with pytest.raises(Refused):
            LogFile("a", tmp_path / name).newest(1000)
