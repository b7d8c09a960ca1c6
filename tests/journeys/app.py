"""What is shipped in the stories? A small app in git that can be broken in several ways."""

import json
import subprocess
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from fairlead.demo.sample import git_environment

AUTHOR = ("Ana Author", "ana@example.org")
SCORE = "/functions/v1/score"
RELEASE = "x-fairlead-release"
FUNCTION = Path("supabase/functions/score/index.ts")

# `FAILS` of 100 agents are met with an error.
ANSWERS = """\
const SAYS = "{says}", FAILS = {fails};
Deno.serve(async (request) => {{
  const asked = await request.json().catch(() => ({{}}));
  const number = Number(String(asked.agent_id ?? "99").slice(-2));
  if (number < FAILS) return new Response("broken\\n", {{ status: 500 }});
  return new Response(SAYS);
}});
"""
# It answers well until somebody asks it to break.
BREAKS_LATER = """\
let broken = false;
Deno.serve((request) => {
  broken ||= request.url.endsWith("?break");
  return broken ? new Response("broken\\n", { status: 500 }) : new Response("fine");
});
"""
NEVER_LISTENS = "await new Promise((done) => setTimeout(done, 600_000));\n"
CRASHES = 'throw new Error("it cannot start like this");\n'


@dataclass(frozen=True, slots=True)
class Answer:
    """What one visitor got; `cookie` is what keeps them on their release."""

    status: int
    release: str
    text: str
    cookie: str


class App:
    """A git repository that ana writes; every commit is another release."""

    def __init__(self, folder: Path, name: str, configuration: dict[str, Any]) -> None:
        self.folder, self.name, self.configuration = folder, name, configuration
        folder.mkdir(parents=True)
        self.git("init", "--quiet", "--initial-branch=main")
        self.write("frontend/index.html", f"<title>{name}</title>")
        self.configure(configuration)

    def write(self, path: str, text: str) -> None:
        """Write a file of the work tree."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def configure(self, configuration: dict[str, Any]) -> None:
        """Write fairlead.yaml; JSON is YAML and needs no quoting rules."""
        self.configuration = configuration
        self.write("fairlead.yaml", json.dumps(configuration, indent=1))

    def commit(
        self, says: str, fails: int = 0, code: str = "", author: tuple[str, str] = AUTHOR
    ) -> str:
        """Commit a function that says `says`, or `code` in its place; return the release's name."""
        self.write(str(FUNCTION), code or ANSWERS.format(says=says, fails=fails))
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", f"--message={says}", author=author)
        return self.git("rev-parse", "HEAD").strip()[:12]

    def address(self, place: str = "live") -> str:
        """Return where a place answers."""
        return f"http://{self.configuration['environments'][place]['listen']}"

    def ask(
        self, place: str = "live", path: str = SCORE, release: str = "", cookie: str = ""
    ) -> Answer:
        """Visit a place: as anybody, as a tester of `release`, or with the cookie of a user."""
        headers = {RELEASE: release} if release else {}
        headers |= {"cookie": cookie} if cookie else {}
        visitor = HTTPConnection(self.address(place).removeprefix("http://"), timeout=20)
        try:
            visitor.request("GET", path, headers=headers)
            got = visitor.getresponse()
            text = got.read().decode()
        finally:
            visitor.close()
        given = got.headers.get("set-cookie", "").partition(";")[0]
        return Answer(got.status, got.headers.get(RELEASE, ""), text, given)

    def git(self, *words: str, author: tuple[str, str] = AUTHOR) -> str:
        """Run git as the author; return what it says."""
        env = git_environment(self.folder.parent, author)
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
        return done.stdout
