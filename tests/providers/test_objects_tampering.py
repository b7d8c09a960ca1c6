"""Is every changed byte found, and every unsafe archive refused?"""

import hashlib
import io
import os
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairlead.errors import Permanent
from fairlead.providers.objects.local import LocalArtifacts
from fairlead.release.archive import Member, MemberKind, problem
from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact


@pytest.fixture
def store(tmp_path: Path) -> LocalArtifacts:
    return LocalArtifacts(tmp_path / "store")


@pytest.fixture
def artifact(store: LocalArtifacts, tmp_path: Path) -> Artifact:
    (tmp_path / "site/assets").mkdir(parents=True)
    (tmp_path / "site/index.html").write_text("<h1>")
    (tmp_path / "site/assets/a.js").write_text("alert(1)")
    (tmp_path / "site/latest").symlink_to("assets/a.js")
    return store.pack("frontend", ComponentKind.STATIC, tmp_path / "site")


def archive(store: LocalArtifacts, artifact: Artifact) -> Path:
    return store.folder / f"{artifact.digest}.tar"


@pytest.mark.parametrize("unpacked_before", [False, True])
def test_a_changed_byte_is_refused(
    store: LocalArtifacts, artifact: Artifact, unpacked_before: bool
) -> None:
    if unpacked_before:
        store.unpack(artifact)
    kept = archive(store, artifact)
    kept.chmod(0o644)
    kept.write_bytes(kept.read_bytes().replace(b"alert(1)", b"alert(2)"))
    with pytest.raises(Permanent, match=r"frontend .* have the digest .* are refused"):
        store.unpack(artifact)


def test_bytes_that_are_gone_are_refused(store: LocalArtifacts, artifact: Artifact) -> None:
    archive(store, artifact).unlink()
    with pytest.raises(Permanent, match="are gone: restore them from a backup"):
        store.unpack(artifact)


def test_packing_again_heals_changed_bytes(
    store: LocalArtifacts, artifact: Artifact, tmp_path: Path
) -> None:
    archive(store, artifact).chmod(0o644)
    archive(store, artifact).write_bytes(b"")
    assert store.pack("frontend", ComponentKind.STATIC, tmp_path / "site") == artifact
    assert (store.unpack(artifact) / "index.html").read_text() == "<h1>"


@pytest.mark.parametrize("change", ["byte", "mode", "extra", "missing", "link", "kind"])
def test_a_change_to_unpacked_files_is_mended(
    store: LocalArtifacts, artifact: Artifact, change: str
) -> None:
    folder = store.unpack(artifact)
    (folder / "assets").chmod(0o755)
    folder.chmod(0o755)
    script, link = folder / "assets/a.js", folder / "latest"
    if change == "byte":
        script.chmod(0o644)
        script.write_text("alert(2)")
        script.chmod(0o444)
    elif change == "mode":
        script.chmod(0o777)
    elif change == "extra":
        (folder / "assets/evil.js").write_text("")
    else:
        (link if change == "link" else script).unlink()
        if change == "link":
            link.symlink_to("index.html")
        elif change == "kind":
            script.symlink_to("../index.html")
    assert store.unpack(artifact) == folder
    found = {it.relative_to(folder).as_posix() for it in folder.rglob("*")}
    assert found == {"index.html", "assets", "assets/a.js", "latest"}
    assert script.read_text() == link.read_text() == "alert(1)"
    assert not script.is_symlink()
    assert script.stat().st_mode & 0o777 == 0o444
    assert {it.name for it in folder.parent.iterdir()} == {"lock", artifact.digest}


def entry(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize(
    "entries",
    [
        [entry("/etc/cron.d/x")],
        [entry("../x")],
        [entry("a/../../x")],
        [entry("a/./b")],
        [entry("out", tarfile.SYMTYPE, "/etc")],
        [entry("out", tarfile.SYMTYPE, "../x")],
        [entry("out", tarfile.SYMTYPE, "")],
        [entry("out", tarfile.SYMTYPE, "out//.")],
        [entry("up", tarfile.SYMTYPE, "."), entry("up/x")],
        [entry("d", tarfile.DIRTYPE), entry("d/l", tarfile.SYMTYPE, ".."), entry("d/l/x")],
        [entry("b/x", tarfile.SYMTYPE, "../b/../../x")],
        [entry("hard", tarfile.LNKTYPE, "/etc/passwd")],
        [entry("hard", tarfile.LNKTYPE, "a")],
        [entry("device", tarfile.CHRTYPE)],
        [entry("disk", tarfile.BLKTYPE)],
        [entry("pipe", tarfile.FIFOTYPE)],
        [entry("twice"), entry("twice", tarfile.SYMTYPE, "a")],
        [entry("file"), entry("file/below")],
        [entry("d/x"), entry("d", tarfile.SYMTYPE, "a")],
    ],
    ids=lambda entries: " ".join(f"{it.name}:{it.type.decode()}" for it in entries),
)
def test_an_unsafe_archive_is_refused_though_its_digest_is_true(
    store: LocalArtifacts, entries: list[tarfile.TarInfo]
) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        tar.addfile(entry("a"))
        for it in entries:
            tar.addfile(it)
    with pytest.raises(Permanent, match="is refused"):
        store.unpack(kept(store, made.getvalue()))
    assert [it.name for it in (store.folder / "unpacked").iterdir()] == ["lock"]


parts = st.sampled_from(["a", "b", "c"])
paths = st.lists(parts, min_size=1, max_size=3).map("/".join)
targets = st.lists(st.sampled_from(["..", "..", ".", "a", "b", "c", ""]), max_size=6).map("/".join)
entries_of_all_sorts = st.one_of(
    st.builds(Member, paths, st.just(MemberKind.LINK), targets),
    st.builds(Member, paths, st.sampled_from([MemberKind.FILE, MemberKind.FOLDER])),
)


@settings(max_examples=200, deadline=None)
@given(found=st.lists(entries_of_all_sorts, max_size=6))
def test_no_way_leads_outside_of_members_that_are_safe_together(found: list[Member]) -> None:
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "root"
        root.mkdir()
        while problem(found):
            found = found[:-1]
        for member in found:
            (root / member.name).parent.mkdir(parents=True, exist_ok=True)
            if member.kind is MemberKind.LINK:
                (root / member.name).symlink_to(member.target or "")
            elif member.kind is MemberKind.FOLDER:
                (root / member.name).mkdir(exist_ok=True)
            else:
                (root / member.name).touch()
        for member in found:
            assert Path(os.path.realpath(root / member.name)).is_relative_to(root)


def test_bytes_that_are_no_archive_are_refused(store: LocalArtifacts) -> None:
    with pytest.raises(Permanent, match="not a readable archive"):
        store.unpack(kept(store, b"not a tar" * 100))


def kept(store: LocalArtifacts, data: bytes) -> Artifact:
    digest = hashlib.sha256(data).hexdigest()
    store.folder.mkdir(parents=True)
    (store.folder / f"{digest}.tar").write_bytes(data)
    return Artifact("frontend", ComponentKind.STATIC, digest, len(data), ("site",))
