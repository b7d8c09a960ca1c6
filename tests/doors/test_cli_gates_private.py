"""Are functions called before there is any environment, and is nothing left of them afterwards?"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from typer.testing import CliRunner

from fairlead.cli.gates import private
from fairlead.cli.main import app as cli
from room import on_disk

SAMPLE = Path(__file__).parents[2] / "examples" / "agentic"
REACHED = {"health": "high", "api": "moderate"}
HEADERS = '{ "x-content-type-options": "nosniff", "cache-control": "no-store" }'
# A function that anybody may call; OWN is what it does with an action of its own.
FUNCTION = """
Deno.serve(async (req) => {
  const headers = HEADERS;
  const say = (status) => Response.json({ status: "healthy" }, { status, headers });
  if (req.method === "OPTIONS") return say(200);
  if (req.method !== "POST") return say(405);
  let size = 0; const kept = [];
  for await (const part of req.body) {
    size += part.length;
    if (size < 65536) kept.push(part);
  }
  if (size >= 65536) return say(413);
  try {
    const text = new TextDecoder("utf-8", { fatal: true });
    const body = JSON.parse(text.decode(await new Blob(kept).arrayBuffer()));
    if (body?.action === "health_check") return say(200);
    OWN
  } catch {
    return say(400);
  }
  return say(400);
});
""".replace("HEADERS", HEADERS)
PUBLIC = FUNCTION.replace("OWN", "")
# It verifies who signed a token, but not until when it is good.
FORGETFUL = FUNCTION.replace(
    "OWN",
    """
    const parts = /^Bearer (.+)\\.(.+)\\.(.+)$/.exec(req.headers.get("authorization") ?? "");
    if (!parts) return say(401);
    const bytes = (text) => Uint8Array.from(
      atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    if (JSON.parse(new TextDecoder().decode(bytes(parts[1]))).alg !== "HS256") return say(401);
    const raw = new TextEncoder().encode(Deno.env.get("JWT_SECRET"));
    const name = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", raw, name, false, ["verify"]);
    const told = new TextEncoder().encode(parts[1] + "." + parts[2]);
    return say(await crypto.subtle.verify("HMAC", key, bytes(parts[3]), told) ? 200 : 401);
    """,
)


def app(folder: Path, check: str, security: str = "", **functions: str) -> None:
    """Write an app of these functions, whose one gate comes before any deployment."""
    for name, text in functions.items():
        place = folder / "functions" / name
        place.mkdir(parents=True)
        (place / "index.ts").write_text(text)
    told: dict[str, Any] = {
        "version": 1,
        "app": "shop",
        "components": {"api": {"kind": "functions", "path": "functions"}},
        "gates": {"calls": {"check": check}},
        "environments": {"live": {"listen": "127.0.0.1:8081"}},
        "pipeline": [{"stage": "first", "gates": ["calls"]}, {"stage": "then", "deploy": "live"}],
    }
    (folder / "fairlead.yaml").write_text(json.dumps(told))
    (folder / "supabase").mkdir()
    public = "".join(f"[functions.{name}]\nverify_jwt = false\n" for name in functions)
    (folder / "supabase" / "config.toml").write_text(public)
    if security:
        (folder / "security.toml").write_text(security)


def judged(folder: Path, tmp: Path, gate: str = "calls") -> tuple[int, str, str]:
    """Judge the gate; return its status, what it said and its log."""
    names = [name for name in os.environ if name.startswith("FAIRLEAD_")]
    with (
        contextlib.chdir(folder),
        mock.patch.dict(os.environ),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr("tempfile.tempdir", str(tmp))
        told = CliRunner(env=dict.fromkeys(names)).invoke(
            cli, ["gates", "judge", gate], catch_exceptions=False
        )
    return told.exit_code, told.stdout, told.stderr


@pytest.fixture(autouse=True)
def _on_disk() -> Iterator[None]:
    with on_disk():
        yield


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "app"
    place.mkdir()
    return place


@pytest.fixture
def tmp() -> Iterator[Path]:
    """Return a folder for what is temporary, with a short name; nothing may stay there."""
    with tempfile.TemporaryDirectory(prefix="t-", dir="/tmp") as place:
        yield Path(place)
        assert [*Path(place).iterdir()] == []
        assert living(place) == []


def living(words: str) -> list[int]:
    """Return the processes that have these words on their command line."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if words.encode() in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def test_every_function_is_started_and_called(folder: Path, tmp: Path) -> None:
    app(folder, "functions", one=f'console.log("one is here");{PUBLIC}', two=PUBLIC)
    status, told, log = judged(folder, tmp)
    assert (status, told.strip()) == (0, "no finding reaches high")
    assert "one: one is here" in log


def test_an_expired_token_that_is_taken_fails_the_gate(folder: Path, tmp: Path) -> None:
    app(folder, "api", '[functions.f]\nneeds_token = {action = "list"}\n', f=FORGETFUL)
    status, told, _ = judged(folder, tmp)
    assert status == 1
    assert "api/accepts-expired-token f: f lets callers in with a token that has expired" in told
    assert "accepts-wrong-token" not in told


def test_a_secret_is_given_by_the_name_that_the_functions_read(folder: Path, tmp: Path) -> None:
    own = FORGETFUL.replace("JWT_SECRET", "SIGNED_WITH")
    security = 'secret_variable = "SIGNED_WITH"\n[functions.f]\nneeds_token = {action = "list"}\n'
    app(folder, "api", security, f=own)
    assert "accepts-expired-token" in judged(folder, tmp)[1]


def test_a_function_that_does_not_start_fails_the_gate_and_the_rest_is_called(
    folder: Path, tmp: Path
) -> None:
    outside = 'import "../../lib.ts"; Deno.serve(() => new Response());'
    (folder / "lib.ts").write_text("")
    app(folder, "functions", broken='throw new Error("no key");', outside=outside, well=PUBLIC)
    status, told, _ = judged(folder, tmp)
    assert status == 1
    assert "broken does not start: it ended with status 1 before it listened; last words: " in told
    assert "no key" in told
    assert "outside does not start" in told
    assert "well" not in told


def test_a_function_that_does_not_answer_fails_the_gate(folder: Path, tmp: Path) -> None:
    app(folder, "functions", dies="Deno.serve(() => Deno.exit(3));")
    status, told, _ = judged(folder, tmp)
    assert status == 1
    assert "dies broke off or answered what is no HTTP when health_check was called" in told


def test_a_slot_that_cannot_be_started_says_nothing_about_the_functions(
    folder: Path, tmp: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app(folder, "api", f=PUBLIC)
    monkeypatch.setattr(private, "_deno", lambda: tmp / "deno")
    status, told, _ = judged(folder, tmp)
    assert status == 4
    assert "no private slot could be started: Deno is not at" in told


def test_a_release_that_runs_is_named_with_its_address(folder: Path) -> None:
    app(folder, "functions", f=PUBLIC)
    with contextlib.chdir(folder), mock.patch.dict(os.environ):
        names = {"FAIRLEAD_URL": None, "FAIRLEAD_RELEASE": "0a1b2c3d4e5f"}
        told = CliRunner(env=names).invoke(cli, ["gates", "judge", "calls"])
    assert (
        "names a running release without its address: set FAIRLEAD_URL, too"
        in str(told.exception) + told.stderr
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_the_gate_ends_its_functions(
    folder: Path, tmp: Path, number: signal.Signals
) -> None:
    app(folder, "functions", f="Deno.serve(() => new Promise(() => {}));")
    words = [sys.executable, "-m", "fairlead.cli.main", "gates", "judge", "calls"]
    env = {name: text for name, text in os.environ.items() if not name.startswith("FAIRLEAD_")}
    env |= {"TMPDIR": str(tmp)}
    with subprocess.Popen(words, cwd=folder, env=env, stderr=subprocess.DEVNULL) as judging:
        give_up = time.monotonic() + 20
        while len(living(str(tmp))) < 2 and time.monotonic() < give_up:
            time.sleep(0.02)
        assert len(living(str(tmp))) == 2
        judging.send_signal(number)
        judging.wait(20)
    give_up = time.monotonic() + 5
    while (living(str(tmp)) or any(tmp.iterdir())) and time.monotonic() < give_up:
        time.sleep(0.02)


@pytest.mark.parametrize("gate", ["health", "api"])
def test_the_sample_app_passes_before_it_is_deployed(gate: str, tmp: Path) -> None:
    status, told, _ = judged(SAMPLE, tmp, gate)
    assert (status, told.strip()) == (0, f"no finding reaches {REACHED[gate]}")
