"""Does the sample app keep what it declares, asked as any release would be?"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import deno
import pytest

from fairlead.gates.finding import Scan
from fairlead.gates.probing.declared import read
from fairlead.providers.scanners.functions import Running, probe, validate

SAMPLE = Path(__file__).parents[2] / "examples" / "agentic"
NAMES = ["agent-registry", "gdpr-compliance", "trust-score", "watchlist"]
DECLARED = read(
    NAMES,
    (SAMPLE / "supabase" / "config.toml").read_text("utf-8"),
    (SAMPLE / "security.toml").read_text("utf-8"),
)
KEY, RELEASE = b"the secret that signs tokens of the sample", "0a1b2c3d4e5f"
EDGE = """
const { handle: registry } = await import(FOLDER + "/agent-registry/handler.ts");
const { handle: privacy } = await import(FOLDER + "/gdpr-compliance/handler.ts");
const { handle: trust } = await import(FOLDER + "/trust-score/handler.ts");
const { watchlist } = await import(FOLDER + "/watchlist/handler.ts");
const handlers = {
  "agent-registry": registry, "gdpr-compliance": privacy, "trust-score": trust,
  "watchlist": watchlist(Deno.env.get("JWT_SECRET")),
};
const onListen = ({ port }) => console.log(port);
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen }, async (req) => {
  const answer = await handlers[new URL(req.url).pathname.split("/").pop()](req);
  answer.headers.set("x-fairlead-release", RELEASE);
  return answer;
});
"""


@contextmanager
def sample(folder: Path, secret: str) -> Iterator[str]:
    """Serve the sample's functions as an edge does; give its address."""
    script = folder / "edge.ts"
    functions = (SAMPLE / "supabase" / "functions").as_uri()
    constants = f'const FOLDER = "{functions}", RELEASE = "{RELEASE}";'
    script.write_text(constants + EDGE)
    command = [deno.find_deno_bin(), "run", "-A", "--no-remote", "--no-check", str(script)]
    told = {"DENO_DIR": str(folder), "PATH": os.environ["PATH"], "NO_COLOR": "1"}
    env = told | ({"JWT_SECRET": secret} if secret else {})
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        try:
            yield f"http://127.0.0.1:{running.stdout.readline().strip()}"
        finally:
            running.kill()


def notes(scan: Scan) -> list[str]:
    return [one.sentence for one in scan.findings if one.dismissed]


@pytest.mark.parametrize("key", [None, KEY], ids=["without the secret", "with it"])
def test_the_sample_is_healthy_and_clean(tmp_path: Path, key: bytes | None) -> None:
    now = datetime.now(UTC)
    with sample(tmp_path, KEY.decode()) as url:
        running = Running(url, RELEASE, key)
        health, scan = validate(running, DECLARED, now), probe(running, DECLARED, now)
    assert health.is_clean, (health.unknown, health.findings)
    assert scan.is_clean, (scan.unknown, scan.counted)
    assert len(notes(scan)) == (0 if key else 1)


def test_without_its_secret_the_watchlist_lets_nobody_in_and_that_is_told(tmp_path: Path) -> None:
    with sample(tmp_path, "") as url:
        scan = probe(Running(url, RELEASE, KEY), DECLARED, datetime.now(UTC))
    assert scan.is_clean, (scan.unknown, scan.counted)
    assert ["a valid token was refused too" in told for told in notes(scan)] == [True]


def test_a_public_function_that_is_declared_to_need_a_token_is_found_out(tmp_path: Path) -> None:
    with sample(tmp_path, KEY.decode()) as url:
        scan = probe(Running(url, RELEASE, KEY), read(NAMES, "", None), datetime.now(UTC))
    found = {one.subject for one in scan.counted if one.rule == "api/no-authentication"}
    assert found == set(NAMES)
