"""Are running functions judged by what they really answer, however badly they behave?"""

import logging
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fairlead.errors import Refused
from fairlead.gates.finding import Scan
from fairlead.gates.probing.declared import Declarations, read
from fairlead.gates.probing.private_slot import PrivateSlot
from fairlead.providers.scanners.functions import Running, measure, probe, secret, validate
from fairlead.providers.scanners.old_tls import speaks_old_tls
from providers.functions_stand import RELEASE, Call, careful, careless, closed_port, serving

KEY = b"the key that the watchlist's tokens are signed with"
DOES_NOT_START = "function/does-not-start"
PUBLIC = "[functions.f]\nverify_jwt = false"


def declared(config: str | None = PUBLIC) -> Declarations:
    return read(["f"], config, None)


def running(url: str, limit_s: float = 5.0, key: bytes | None = None) -> Running:
    return Running(url, RELEASE, key, limit_s)


def now() -> datetime:
    return datetime.now(UTC)


def rules(scan: Scan) -> set[str]:
    return {finding.rule for finding in scan.counted}


def test_a_healthy_function_is_clean_and_asked_by_its_release() -> None:
    with serving(f=careful) as site:
        found = measure(running(site.url), declared(), now())
        scan = validate(running(site.url), declared(), now())
    assert scan.is_clean
    assert [len(one.answers) for one in found] == [3]
    assert 0 < (found[0].latency_s or 0) < 1
    assert {(method, path) for method, path, _ in site.asked} == {("POST", "/functions/v1/f")}
    assert {sent["x-fairlead-release"] for _, _, sent in site.asked} == {RELEASE}


def test_a_careful_function_has_no_findings() -> None:
    with serving(f=careful) as site:
        scan = probe(running(site.url), declared(), now())
    assert scan.is_clean, (scan.unknown, scan.findings)
    assert {"POST", "OPTIONS", "PUT", "PATCH", "DELETE"} == {asked[0] for asked in site.asked}


def test_a_careless_function_is_found_out() -> None:
    with serving(f=careless) as site:
        scan = probe(running(site.url, key=KEY), declared(None), now())
    assert rules(scan) == {
        "api/no-authentication",
        "api/wrong-method-accepted",
        "api/malformed-body-accepted",
        "api/oversized-body",
        "api/cors-any-origin-with-credentials",
        "api/missing-header-cache-control",
    }
    assert "api/undeclared" in {one.rule for one in scan.findings}


def test_nothing_that_was_sent_or_answered_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    def tells(call: Call) -> None:
        call.read()
        call.say(500, b"token " + call.headers.get("authorization", "").encode() + b" /home/ana/x")

    with serving(f=tells) as site:
        scan = probe(running(site.url, key=KEY), declared(""), now())
        sent = {asked[2].get("authorization", "") for asked in site.asked} - {""}
    told = repr(scan) + repr(running(site.url, key=KEY)) + caplog.text
    assert len(sent) == 7
    assert not [token for token in sent if token.removeprefix("Bearer ") in told]
    assert KEY.decode() not in told
    assert "/home/ana" not in told


def test_a_function_that_is_not_there_is_unknown() -> None:
    site = running(f"http://127.0.0.1:{closed_port()}")
    assert "f could not be reached" in validate(site, declared(), now()).unknown
    assert "f could not be reached" in probe(site, declared(), now()).unknown


def test_another_release_that_answers_is_unknown() -> None:
    with serving(release="ffffffffffff", f=careful) as site:
        for scan in (
            validate(running(site.url), declared(), now()),
            probe(running(site.url), declared(), now()),
        ):
            assert f"not answered by release {RELEASE}" in scan.unknown


def test_no_functions_are_unknown() -> None:
    with serving() as site:
        nothing = read([], "", None)
        assert validate(running(site.url), nothing, now()).unknown
        assert probe(running(site.url), nothing, now()).unknown


def hangs(call: Call) -> None:
    time.sleep(30)


def drips_headers(call: Call) -> None:
    call.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(300):
        call.wfile.write(b"x-%d: y\r\n" % number)
        time.sleep(0.1)


def drips_its_body(call: Call) -> None:
    call.wfile.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    for _ in range(300):
        call.wfile.write(b"1\r\nx\r\n")
        time.sleep(0.1)


@pytest.mark.parametrize("behaves", [hangs, drips_headers, drips_its_body])
def test_who_never_ends_an_answer_is_cut_off_in_time(behaves: "object") -> None:
    assert callable(behaves)
    began = time.monotonic()
    with serving(f=behaves) as site:
        assert (
            "f gave no whole answer" in validate(running(site.url, 0.3), declared(), now()).unknown
        )
        scan = probe(running(site.url, 0.3), declared(), now())
    assert time.monotonic() - began < 5
    assert rules(scan) == {"api/hangs"}
    assert "asked no further" in scan.unknown


def test_who_never_ends_an_answer_on_a_socket_is_cut_off_in_time(tmp_path: Path) -> None:
    place = tmp_path / "s"

    def drips() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                threading.Thread(target=drip, args=(line,), daemon=True).start()

    def drip(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
            for _ in range(300):
                line.sendall(b"1\r\nx\r\n")
                time.sleep(0.1)

    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place))
        listener.listen()
        threading.Thread(target=drips, daemon=True).start()
        slot = PrivateSlot({"f": place})
        site = Running("http://localhost", RELEASE, limit_s=0.3, private=slot)
        assert rules(validate(site, declared(), now())) == {"function/no-answer"}
        assert rules(probe(site, declared(), now())) == {"api/hangs"}
    assert time.monotonic() - began < 5


# httpcore leaves a unix socket that could not be connected for the collector to close.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_function_of_a_private_slot_that_has_ended_is_a_finding(tmp_path: Path) -> None:
    slot = PrivateSlot({"f": tmp_path / "nobody"}, {"g": "it ended with status 1"})
    site = Running("http://localhost", RELEASE, private=slot)
    both = read(["f", "g"], PUBLIC, None)
    assert rules(validate(site, both, now())) == {"function/no-answer", DOES_NOT_START}
    assert rules(probe(site, both, now())) == {"api/breaks-off", DOES_NOT_START}


def test_a_private_slot_in_which_nothing_runs_has_findings_and_nothing_unknown() -> None:
    slot = PrivateSlot(failed={"f": "it ended with status 1"})
    site = Running("http://localhost", RELEASE, private=slot)
    for scan in (validate(site, declared(), now()), probe(site, declared(), now())):
        assert (rules(scan), scan.unknown) == ({DOES_NOT_START}, "")


def floods(call: Call) -> None:
    call.read()
    call.wfile.write(b"HTTP/1.1 200 OK\r\nx-fairlead-release: %s\r\n\r\n" % RELEASE.encode())
    while True:
        call.wfile.write(b"x" * 65536)


def floods_with_headers(call: Call) -> None:
    call.wfile.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        call.wfile.write(b"x-y: " + b"z" * 8192 + b"\r\n")


def test_an_endless_answer_is_read_no_further_than_needed() -> None:
    with serving(f=floods) as site:
        (found,) = measure(running(site.url), declared(), now())
        assert [len(one.body) for one in found.answers] == [65536] * 3
        assert rules(validate(running(site.url), declared(), now())) == {"function/health-body"}


@pytest.mark.parametrize("said", [b"\x00\xff garbage\r\n\r\n", b"", b"HTTP/1.1 2 what\r\n\r\n"])
def test_what_is_no_http_is_unknown_and_a_finding(said: bytes) -> None:
    def speaks(call: Call) -> None:
        call.wfile.write(said)

    with serving(f=speaks) as site:
        assert "broke off" in validate(running(site.url), declared(), now()).unknown
        assert "api/breaks-off" in rules(probe(running(site.url), declared(), now()))


def test_endless_headers_are_no_answer() -> None:
    with serving(f=floods_with_headers) as site:
        assert "broke off" in validate(running(site.url), declared(), now()).unknown


def test_a_redirect_is_not_followed() -> None:
    def sends_on(call: Call) -> None:
        call.read()
        call.say(302, location="/functions/v1/g")

    with serving(f=sends_on, g=careful) as site:
        assert rules(validate(running(site.url), declared(), now())) == {"function/health-status"}
        assert {asked[1] for asked in site.asked} == {"/functions/v1/f"}


def test_a_body_refused_while_it_is_sent_is_refused() -> None:
    def hangs_up(call: Call) -> None:
        if "chunked" not in call.headers.get("transfer-encoding", ""):
            return careful(call)
        return call.say(413)

    with serving(f=hangs_up) as site:
        assert probe(running(site.url), declared(), now()).is_clean


def test_a_function_that_dies_of_a_body_is_found_out() -> None:
    dead = threading.Event()

    def dies(call: Call) -> None:
        if dead.is_set():
            return call.say(503)
        if call.command == "POST" and (body := call.read()) == b"null":
            dead.set()
            return None
        return call.say(200 if call.command == "POST" and body[:1] == b"{" else 405)

    with serving(f=dies) as site:
        found = rules(probe(running(site.url), declared(), now()))
    assert {"api/breaks-off", "api/answers-5xx"} <= found


def test_functions_are_asked_side_by_side_but_few_at_once() -> None:
    lock, here, most = threading.Lock(), 0, 0

    def counts(call: Call) -> None:
        nonlocal here, most
        call.read()
        with lock:
            here += 1
            most = max(most, here)
        time.sleep(0.05)
        with lock:
            here -= 1
        call.say(200)

    names = [f"f{number}" for number in range(8)]
    with serving(RELEASE, **dict.fromkeys(names, counts)) as site:
        assert validate(running(site.url), read(names, None, None), now()).unknown == ""
    assert 2 <= most <= 4


@pytest.mark.parametrize(
    "url",
    ["", "127.0.0.1:80", "ftp://a", "http://", "http://a:b@c", "http://a:x", "http://a:b@c:x"],
)
def test_an_address_that_cannot_be_asked_is_refused(url: str) -> None:
    with pytest.raises(Refused) as refused:
        Running(url, RELEASE)
    assert "a:b" not in str(refused.value)


def test_a_release_without_a_name_is_refused() -> None:
    with pytest.raises(Refused, match="FAIRLEAD_RELEASE"):
        Running("http://127.0.0.1", "")


def test_a_secret_is_read_from_its_file_without_the_lines_end(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(KEY + b"\n")
    assert secret(file) == KEY
    file.write_bytes(b"short")
    with pytest.raises(Refused, match="has 5 bytes, and HS256 needs 32"):
        secret(file)
    with pytest.raises(Refused, match="cannot be read"):
        secret(tmp_path / "nowhere")


@contextmanager
def with_tls(folder: Path, version: ssl.TLSVersion) -> Iterator[tuple[str, Path]]:
    """Serve the careful function over TLS of one version, with a certificate of its own making."""
    pair = folder / "pair.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=localhost"
    command += f" -addext subjectAltName=DNS:localhost -keyout {pair} -out {folder / 'cert.pem'}"
    subprocess.run(command.split(), check=True, capture_output=True)
    certificate = folder / "cert.pem"
    pair.write_bytes(pair.read_bytes() + certificate.read_bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    context.load_cert_chain(pair)
    with serving(f=careful) as site:
        site.socket = context.wrap_socket(site.socket, server_side=True)
        yield f"https://localhost:{site.server_port}", certificate


def test_a_certificate_that_nobody_vouches_for_is_a_finding(tmp_path: Path) -> None:
    with with_tls(tmp_path, ssl.TLSVersion.TLSv1_3) as (url, _):
        assert "api/bad-certificate" in rules(probe(running(url), declared(), now()))
        assert "certificate" in validate(running(url), declared(), now()).unknown


def test_tls_is_judged_by_its_version_and_its_header(tmp_path: Path) -> None:
    with with_tls(tmp_path, ssl.TLSVersion.TLSv1_3) as (url, certificate):
        trusting = ssl.create_default_context(cafile=str(certificate))
        scan = probe(Running(url, RELEASE, verify=trusting), declared(), now())
    assert "api/missing-header-strict-transport-security" in rules(scan)
    assert "api/bad-certificate" not in rules(scan)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_only_who_takes_an_old_handshake_speaks_old_tls(tmp_path: Path) -> None:
    with with_tls(tmp_path, ssl.TLSVersion.TLSv1_1) as (url, _):
        assert speaks_old_tls("localhost", int(url.rpartition(":")[2]), 5)
    assert not speaks_old_tls("localhost", closed_port(), 5)
