"""Does a store of artifacts keep what the port `Artifacts` promises?"""

import dataclasses
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairlead.errors import Permanent, Refused
from fairlead.providers.objects.local import LocalArtifacts
from fairlead.release.component import ComponentKind
from fairlead.release.ports import Artifacts
from fairlead.release.release import Artifact

STATIC, FUNCTIONS, POSTGRES = ComponentKind


@pytest.fixture
def store(tmp_path: Path) -> Artifacts:
    return LocalArtifacts(tmp_path / "store")


def tree(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def site(folder: Path) -> Path:
    return tree(folder, {"index.html": b"<h1>", "assets/a.js": b"1", "assets/b.js": b"2"})


def found(folder: Path) -> dict[str, bytes]:
    files = [it for it in folder.rglob("*") if it.is_file() and not it.is_symlink()]
    return {it.relative_to(folder).as_posix(): it.read_bytes() for it in files}


def test_what_was_packed_is_unpacked(store: Artifacts, tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    (folder / "empty").mkdir()
    (folder / "run").write_text("#!/bin/sh")
    (folder / "run").chmod(0o700)
    (folder / "latest").symlink_to("assets/a.js")
    artifact = store.pack("frontend", STATIC, folder)
    unpacked = store.unpack(artifact)
    assert found(unpacked) == found(folder)
    assert (unpacked / "empty").is_dir()
    assert (unpacked / "latest").readlink() == Path("assets/a.js")
    assert oct((unpacked / "run").stat().st_mode & 0o7777) == "0o555"
    assert oct((unpacked / "index.html").stat().st_mode & 0o7777) == "0o444"
    assert oct((unpacked / "assets").stat().st_mode & 0o7777) == "0o555"
    assert store.unpack(artifact) == unpacked


def test_the_digest_depends_on_the_files_alone(store: Artifacts, tmp_path: Path) -> None:
    digests = set()
    for turn, mask in enumerate((0o000, 0o022, 0o077)):
        old = os.umask(mask)
        names = [f"assets/{n}-{'x' * (n * 7)}.js" for n in range(20)]
        random.Random(turn).shuffle(names)
        folder = tree(tmp_path / str(turn), {name: name.encode() for name in names})
        site(folder)
        os.umask(old)
        os.utime(folder / "index.html", (turn * 1000, turn * 1000.5))
        os.link(folder / "assets/a.js", tmp_path / f"hard-{turn}")
        digests.add(store.pack("frontend", STATIC, folder).digest)
    assert len(digests) == 1


def test_the_digest_is_the_same_on_every_machine(store: Artifacts, tmp_path: Path) -> None:
    artifact = store.pack("frontend", STATIC, site(tmp_path / "site"))
    assert artifact.digest == ("2f18b551d997f7a479574052a6303c9e45e939893322e2ec61b16d3c20a6babe")


def test_one_byte_name_or_mode_changes_the_digest(store: Artifacts, tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    digests = [store.pack("frontend", STATIC, folder).digest]
    (folder / "assets/a.js").write_bytes(b"3")
    digests.append(store.pack("frontend", STATIC, folder).digest)
    (folder / "assets/a.js").chmod(0o755)
    digests.append(store.pack("frontend", STATIC, folder).digest)
    (folder / "assets/a.js").rename(folder / "assets/c.js")
    digests.append(store.pack("frontend", STATIC, folder).digest)
    assert len(set(digests)) == 4


names = st.binary(min_size=1, max_size=60).filter(
    lambda name: name not in (b".", b"..") and b"/" not in name and b"\0" not in name
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(files=st.dictionaries(names, st.binary(max_size=2000), max_size=6))
def test_any_name_the_disk_takes_survives(tmp_path: Path, files: dict[bytes, bytes]) -> None:
    folder = site(tmp_path / str(time.monotonic_ns()))
    tree(folder, {"odd/" + os.fsdecode(name): data for name, data in files.items()})
    store = LocalArtifacts(tmp_path / "store")
    assert found(store.unpack(store.pack("frontend", STATIC, folder))) == found(folder)


def test_functions_are_the_folders_with_an_index(store: Artifacts, tmp_path: Path) -> None:
    files = ["b/index.ts", "a-1/index.ts", "_shared/index.ts", "notes/readme.md", "c/d/index.ts"]
    folder = tree(tmp_path / "functions", dict.fromkeys(files, b"x"))
    artifact = store.pack("api", FUNCTIONS, folder)
    assert artifact.units == ("a-1", "b")
    assert "_shared/index.ts" in found(store.unpack(artifact))


def test_migrations_are_the_sql_files_in_order(store: Artifacts, tmp_path: Path) -> None:
    files = ["20260102_b.sql", "20260101_a.sql", "readme.md", "undo/20260101_a.sql"]
    folder = tree(tmp_path / "migrations", dict.fromkeys(files, b"select 1"))
    assert store.pack("db", POSTGRES, folder).units == ("20260101_a.sql", "20260102_b.sql")


def test_a_static_component_is_one_site(store: Artifacts, tmp_path: Path) -> None:
    artifact = store.pack("frontend", STATIC, site(tmp_path / "site"))
    assert (artifact.component, artifact.kind, artifact.units) == ("frontend", STATIC, ("site",))
    assert artifact.size == (tmp_path / "store" / f"{artifact.digest}.tar").stat().st_size


@pytest.mark.parametrize(
    ("kind", "files", "sentence"),
    [
        (STATIC, {}, "holds no file"),
        (STATIC, {"deep/index.html": b""}, "no index.html"),
        (FUNCTIONS, {"_shared/index.ts": b""}, "no function"),
        (FUNCTIONS, {"a b/index.ts": b""}, "'a b' cannot be a function's name"),
        (FUNCTIONS, {"-x/index.ts": b""}, "'-x' cannot"),
        (FUNCTIONS, {"a\n/index.ts": b""}, r"'a\\n' cannot"),
        (POSTGRES, {"readme.md": b""}, "no .sql file"),
    ],
)
def test_a_folder_without_what_its_kind_needs_is_refused(
    store: Artifacts, tmp_path: Path, kind: ComponentKind, files: dict[str, bytes], sentence: str
) -> None:
    (tmp_path / "it").mkdir()
    with pytest.raises(Refused, match=f"^part.*{sentence}"):
        store.pack("part", kind, tree(tmp_path / "it", files))
    assert not list(tmp_path.glob("store/*"))


def test_a_missing_folder_is_refused(store: Artifacts, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="frontend: 'dist' is not a folder: build it"):
        store.pack("frontend", STATIC, tmp_path / "dist")
    (tmp_path / "link").symlink_to(site(tmp_path / "elsewhere"))
    with pytest.raises(Refused, match="'link' is not a folder"):
        store.pack("frontend", STATIC, tmp_path / "link")


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret", "a/../../secret", "assets/../.."])
def test_a_link_that_leads_outside_is_refused(
    store: Artifacts, tmp_path: Path, target: str
) -> None:
    folder = site(tmp_path / "site")
    (folder / "out").symlink_to(target)
    with pytest.raises(Refused, match="'out' links to"):
        store.pack("frontend", STATIC, folder)


def test_a_pipe_or_socket_is_refused(store: Artifacts, tmp_path: Path) -> None:
    folder = site(tmp_path / "site")
    os.mkfifo(folder / "assets/pipe")
    with pytest.raises(Refused, match="'assets/pipe' is neither file, folder nor link"):
        store.pack("frontend", STATIC, folder)


def test_packing_and_unpacking_at_once_gives_one_whole_artifact(
    store: Artifacts, tmp_path: Path
) -> None:
    folder = site(tmp_path / "site")

    def both(_turn: int) -> tuple[Artifact, Path]:
        artifact = store.pack("frontend", STATIC, folder)
        return artifact, store.unpack(artifact)

    with ThreadPoolExecutor(6) as many:
        assert len(set(many.map(both, range(12)))) == 1
    names = {it.name for it in (tmp_path / "store").rglob("*") if it.name.startswith(".")}
    assert names == set()


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    """The file size limit stands for a full disk: a write beyond it fails."""
    folder = tree(site(tmp_path / "site"), {"big": bytes(1_000_000)})
    artifact = LocalArtifacts(tmp_path / "store").pack("frontend", STATIC, folder)
    code = (
        "import resource, sys; from pathlib import Path\n"
        "from fairlead.errors import Temporary; from fairlead.release.release import Artifact\n"
        "from fairlead.providers.objects.local import LocalArtifacts, ComponentKind as K\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000))\n"
        "site, store, fresh = map(Path, sys.argv[1:4])\n"
        "a = Artifact('frontend', K.STATIC, sys.argv[4], 0, ())\n"
        "for act in (lambda: LocalArtifacts(fresh).pack('frontend', K.STATIC, site),\n"
        "            lambda: LocalArtifacts(store).unpack(a)):\n"
        "    try: act()\n"
        "    except Temporary as error: print(error)\n"
    )
    places = [str(folder), str(tmp_path / "store"), str(tmp_path / "fresh")]
    argv = [sys.executable, "-c", code, *places, artifact.digest]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert done.stdout.count("the disk is full") == 2
    assert not list((tmp_path / "fresh").iterdir())
    assert [it.name for it in (tmp_path / "store" / "unpacked").iterdir()] == ["lock"]


def test_a_digest_that_is_a_path_is_refused(store: Artifacts, tmp_path: Path) -> None:
    artifact = store.pack("frontend", STATIC, site(tmp_path / "site"))
    with pytest.raises(Permanent, match="not a digest"):
        store.unpack(dataclasses.replace(artifact, digest=f"../store/{artifact.digest}"))
