"""Do functions run in a private slot as long as they are needed, and no longer?"""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import deno
import pytest

from fairlead.errors import Permanent
from fairlead.providers.targets import companions as of_companions
from fairlead.providers.targets.companions import Companions
from fairlead.providers.targets.private import Wanted, run
from fairlead.rollout.slot import FUNCTIONS, Slot
from room import on_disk

DENO = Path(deno.find_deno_bin())
SERVES = "Deno.serve(() => new Response('well'));"


@pytest.fixture(autouse=True)
def _on_disk() -> Iterator[None]:
    with on_disk():
        yield


def wanted(folder: Path, **functions: str) -> Wanted:
    for name, text in functions.items():
        (folder / name).mkdir(parents=True)
        (folder / name / "index.ts").write_text(text)
    flags = ("--allow-net", "--allow-env")
    slot = Slot("shop", "private", "0a1b2c3d4e5f", "api", FUNCTIONS, (*functions,), flags)
    return Wanted(slot, folder, DENO, {"GIVEN": "a word"})


def test_a_function_that_never_listens_is_told_with_its_last_words(tmp_path: Path) -> None:
    said: list[str] = []
    asks = 'console.log("GIVEN is " + Deno.env.get("GIVEN")); await new Promise(() => {});'
    hangs = f"setInterval(() => {{}}, 1e6); {asks}"
    with Companions(said.append) as companions:
        slot = run(wanted(tmp_path, hangs=hangs, well=SERVES), companions, 1.0)
    assert slot.failed == {"hangs": "it did not listen within 1 s; last words: GIVEN is a word"}
    assert [*slot.sockets] == ["well"]
    assert "hangs: GIVEN is a word" in said
    assert not companions.folder.exists()


def test_without_deno_there_is_no_slot(tmp_path: Path) -> None:
    nowhere = Wanted(wanted(tmp_path, f=SERVES).slot, tmp_path, tmp_path / "deno", {})
    with (
        Companions(print) as companions,
        pytest.raises(Permanent, match="install Fairlead anew"),
    ):
        run(nowhere, companions)


def test_a_folder_of_too_long_a_name_is_told_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / ("a" * 100)
    place.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with Companions(print) as companions, pytest.raises(Permanent, match="set TMPDIR"):
        run(wanted(tmp_path, f=SERVES), companions)


def test_of_a_flood_of_output_only_the_beginning_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_companions, "MOST_HEARD", 10_000)
    said: list[str] = []
    words = [sys.executable, "-c", "print('x' * 50_000_000); print('the end')"]
    with Companions(said.append) as companions:
        it = companions.start("loud", words, tmp_path, {})
        it.wait()
        assert it.last_output().endswith(b"the end\n")
    assert sum(map(len, said)) < 20_000
    assert said[-1] == "loud: [more of its output is not kept]"


def test_who_does_not_listen_to_a_request_to_end_is_killed(tmp_path: Path) -> None:
    deaf = (
        "import signal, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
        "print('deaf', flush=True); time.sleep(600)"
    )
    heard = threading.Event()
    began = time.monotonic()
    with Companions(lambda _: heard.set()) as companions:
        it = companions.start("deaf", [sys.executable, "-c", deaf], tmp_path, {})
        assert heard.wait(10)
    assert it.status == -9
    assert time.monotonic() - began < 4


def test_what_a_function_starts_ends_with_it(tmp_path: Path) -> None:
    words = ["/bin/sh", "-c", "sleep 63.4142 & sleep 63.4142"]
    with Companions(print) as companions:
        companions.start("parent", words, tmp_path, {})
        time.sleep(0.2)
        assert len(sleeping()) == 2
    assert sleeping() == []


def sleeping() -> list[str]:
    return subprocess.run(
        ["pgrep", "-f", "^sleep 63.4142"], capture_output=True, text=True, check=False
    ).stdout.split()
