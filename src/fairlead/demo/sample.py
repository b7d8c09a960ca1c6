"""Which app does the demo ship? The sample app as a git repository, with shorter patience."""

import io
import os
import shutil
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from fairlead.errors import Refused

SAMPLE = Path(__file__).parents[3] / "examples" / "agentic"
AUTHOR = ("Ana Author", "ana@example.org")
SCORE = "  return { agent_id: agent, ...trust(historyOf(agent)) };"
BUG = '  if (/-0[0-7]$/.test(agent)) throw new Error("a bug that only some agents meet");\n'
HANDLER = Path("supabase/functions/trust-score/handler.ts")

# The example's own values are for real traffic; a demo has minutes, not hours.
SHORTER: dict[str, dict[str, Any]] = {
    "development": {"drain": "1s"},
    "staging": {"drain": "1s", "rollback_window": "2m"},
    "production": {
        "hold": "6s",
        "monitor_for": "6s",
        "alert": {"window": "2s"},
        "drain": "2s",
        "rollback_window": "10m",
        "judgement": {
            "evidence": {
                "mde": "2%",
                "latency": {"p50": "15%", "p90": "10%", "p99": "5%"},
                "horizon": "2m",
            },
            "window": "5s",
            "min_samples": 50,
            "deadline": "1m",
        },
        "traffic": {"requests_per_second": 400},
    },
}


class Sample:
    """A working copy of the sample app in `folder`, committed by its author."""

    def __init__(self, folder: Path, changes: Mapping[str, Mapping[str, Any]]) -> None:
        if not SAMPLE.is_dir():
            raise Refused(f"the sample app is not at {SAMPLE}: run the demo from a clone")
        self.folder = folder
        leave = shutil.ignore_patterns("dist", "node_modules")
        shutil.copytree(SAMPLE, folder, ignore=leave)
        file = folder / "fairlead.yaml"
        file.write_text(adapted(file.read_text("utf-8"), changes), "utf-8")
        self._git("init", "--quiet", "--initial-branch=main")
        self.commit("the agents' registry, as it is in production")

    def commit(self, message: str) -> str:
        """Commit everything as the author; return the commit's full name."""
        self._git("add", "--all")
        self._git("commit", "--quiet", f"--message={message}")
        return self._git("rev-parse", "HEAD").strip()

    def improve(self) -> str:
        """Commit a harmless change of the frontend and of a function."""
        page = self.folder / "frontend" / "index.html"
        page.write_text(page.read_text("utf-8").replace("</title>", " · new</title>", 1), "utf-8")
        handler = self.folder / HANDLER
        handler.write_text(handler.read_text("utf-8") + "\n// Scores are explained to people.\n")
        return self.commit("a clearer title")

    def break_it(self) -> str:
        """Commit a bug that no test knows: the function fails 8 of 100 agents."""
        handler = self.folder / HANDLER
        text = handler.read_text("utf-8")
        if SCORE not in text:
            raise Refused(f"{HANDLER} has changed: the demo no longer finds where to break it")
        handler.write_text(text.replace(SCORE, BUG + SCORE, 1), "utf-8")
        return self.commit("quicker scores")

    def _git(self, *words: str) -> str:
        env = git_environment(self.folder.parent, AUTHOR)
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Refused(f"git {words[0]} failed: {done.stderr.strip()}")
        return done.stdout


def git_environment(home: Path, author: tuple[str, str]) -> dict[str, str]:
    """Return the whole environment in which git commits as an author (name and e-mail)."""
    name, email = author
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": name,
        "GIT_AUTHOR_EMAIL": email,
        "GIT_COMMITTER_NAME": name,
        "GIT_COMMITTER_EMAIL": email,
    }


def adapted(text: str, changes: Mapping[str, Mapping[str, Any]]) -> str:
    """Return fairlead.yaml with some keys of its environments changed; all numbers are Envoy's."""
    yaml = YAML()
    tree = yaml.load(text)
    for there in tree["environments"].values():
        there.pop("metrics", None)
    for environment, keys in changes.items():
        for key, value in keys.items():
            if isinstance(value, Mapping) and key in tree["environments"][environment]:
                tree["environments"][environment][key].update(value)
            else:
                tree["environments"][environment][key] = value
    out = io.StringIO()
    yaml.dump(tree, out)
    return out.getvalue()


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback that nobody listens on just now."""
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


def listening_on(ports: list[int]) -> dict[str, dict[str, Any]]:
    """Return the demo's changes with an address of its own for every environment."""
    names = ("development", "staging", "production")
    return {
        name: SHORTER[name] | {"listen": f"127.0.0.1:{port}"}
        for name, port in zip(names, ports, strict=True)
    }
