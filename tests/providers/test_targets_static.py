"""What a static site answers."""

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairlead.providers.targets.static_site import names_its_content
from providers.processes_stand import a_home, soon

BIG = os.urandom(400_000)


class Line(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


class Visitor:
    """Asks a site that is served by its real program."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        line = Line(self.socket)
        try:
            line.request(method, path, headers={k.replace("_", "-"): v for k, v in headers.items()})
            answer = line.getresponse()
            told = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, told, answer.read()
        finally:
            line.close()


@pytest.fixture(scope="module")
def visitor() -> Iterator[Visitor]:
    with a_home() as home:
        (home / "secret.txt").write_text("secret")
        site = home / "site"
        for path, content in {
            "index.html": b"<h1>hello</h1>",
            "404.html": b"<h1>lost</h1>",
            "guide/index.html": b"<h1>guide</h1>",
            "app.js": b"export {}",
            "assets/index-BkX3f9a1.js": b"export {}",
            "style.css": b"a {}",
            "a b.txt": b"blank",
            "film.mp4": BIG,
            "font.woff2": b"f",
            ".well-known/security.txt": b"Contact: x",
        }.items():
            (site / path).parent.mkdir(parents=True, exist_ok=True)
            (site / path).write_bytes(content)
        (site / "out.txt").symlink_to(home / "secret.txt")
        with Serving(site, home / "s.sock") as served:
            yield served


class Serving:
    def __init__(self, site: Path, place: Path) -> None:
        self.argv = [sys.executable, "-I", "-m", "fairlead.providers.targets.static_site"]
        self.argv += [str(site), str(place)]
        self.place = place

    def __enter__(self) -> Visitor:
        self.process = subprocess.Popen(self.argv)
        visitor = Visitor(self.place)
        soon(lambda: answers(visitor))
        return visitor

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(10)


def answers(visitor: Visitor) -> bool:
    try:
        return visitor.get("/")[0] == 200
    except (FileNotFoundError, ConnectionRefusedError):
        return False


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<h1>hello</h1>"),
        ("/index.html", "text/html; charset=utf-8", b"<h1>hello</h1>"),
        ("/guide/", "text/html; charset=utf-8", b"<h1>guide</h1>"),
        ("/app.js", "text/javascript; charset=utf-8", b"export {}"),
        ("/style.css?v=1", "text/css; charset=utf-8", b"a {}"),
        ("/a%20b.txt", "text/plain; charset=utf-8", b"blank"),
        ("/font.woff2", "font/woff2", b"f"),
        ("/film.mp4", "video/mp4", BIG),
        ("/.well-known/security.txt", "text/plain; charset=utf-8", b"Contact: x"),
    ],
)
def test_a_file_comes_whole_with_its_type(
    visitor: Visitor, path: str, kind: str, body: bytes
) -> None:
    status, headers, found = visitor.get(path)
    assert (status, headers["content-type"], found) == (200, kind, body)
    assert headers["content-length"] == str(len(body))


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/guide/..%2f..%2fsecret.txt",
        "//etc/passwd",
        "/out.txt",
        "/guide/index.html/",
        "/%00",
    ],
)
def test_what_is_not_the_release_s_is_not_found(visitor: Visitor, path: str) -> None:
    status, headers, body = visitor.get(path)
    assert (status, body) == (404, b"<h1>lost</h1>")
    assert headers["cache-control"] == "no-cache"


def test_only_names_that_hold_a_hash_are_cached_for_long(visitor: Visitor) -> None:
    assert visitor.get("/")[1]["cache-control"] == "no-cache"
    assert visitor.get("/app.js")[1]["cache-control"] == "no-cache"
    assert "immutable" in visitor.get("/assets/index-BkX3f9a1.js")[1]["cache-control"]


def test_a_known_file_is_not_sent_again(visitor: Visitor) -> None:
    for path in ("/", "/film.mp4"):
        etag = visitor.get(path)[1]["etag"]
        status, headers, body = visitor.get(path, If_None_Match=f'"other", W/{etag}')
        assert (status, headers["etag"], body) == (304, etag, b"")
        assert visitor.get(path, If_None_Match='"other"')[0] == 200


def test_two_releases_with_files_of_one_time_and_size_are_told_apart() -> None:
    with a_home() as home:
        tags = []
        for release in ("one", "two"):
            site = home / release
            site.mkdir()
            (site / "index.html").write_text(release)
            os.utime(site / "index.html", (0, 0))
            with Serving(site, home / f"{release}.sock") as visitor:
                tags.append(visitor.get("/")[1]["etag"])
        assert tags[0] != tags[1]


def test_head_tells_the_same_without_the_body(visitor: Visitor) -> None:
    for path in ("/", "/film.mp4"):
        _, headers, body = visitor.get(path, "HEAD")
        assert body == b""
        assert headers["content-length"] == visitor.get(path)[1]["content-length"]


def test_a_part_of_a_film_can_be_asked_for(visitor: Visitor) -> None:
    status, _, body = visitor.get("/film.mp4", Range="bytes=10-19")
    assert (status, body) == (206, BIG[10:20])


def test_a_folder_without_its_slash_leads_to_the_one_with(visitor: Visitor) -> None:
    status, headers, _ = visitor.get("/guide")
    assert (status, headers["location"]) == (308, "guide/")


def test_other_methods_are_refused(visitor: Visitor) -> None:
    status, headers, _ = visitor.get("/", "POST")
    assert (status, headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "name", ["main.3f9a1c2b.js", "index-BkX3f9a1.css", "a-0a1b2c3d4e.chunk.js"]
)
def test_a_bundler_s_hash_is_seen(name: str) -> None:
    assert names_its_content(name)


@pytest.mark.parametrize("name", ["bootstrap-datepicker.js", "report-20261123.pdf", "index.html"])
def test_an_ordinary_word_is_no_hash(name: str) -> None:
    assert not names_its_content(name)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz-.", max_size=40))
def test_no_name_without_a_digit_is_cached_for_long(name: str) -> None:
    assert not names_its_content(name)
