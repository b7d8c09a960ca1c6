"""A git repository to hide secrets in."""

import os
import subprocess
from pathlib import Path

from secrets_values import BASE62, Chance, github, letters

ENV = {
    "PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "ana", "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "ana", "GIT_COMMITTER_EMAIL": "ana@example.org",
}  # fmt: skip


class WorkingCopy:
    """A repository in a folder; `chance` draws its secrets."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.chance = Chance(7)
        folder.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *words: str) -> str:
        command = ["git", "-C", str(self.folder), *words]
        return subprocess.run(command, env=ENV, check=True, capture_output=True).stdout.decode(
            "utf-8", "replace"
        )

    def put(self, name: str, text: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, **files: str) -> str:
        for name, text in files.items():
            self.put(name, text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message=more")
        return self.git("rev-parse", "HEAD").strip()

    def password(self) -> str:
        """Draw 20 signs, one of them surely a digit."""
        return letters(self.chance, 10, BASE62) + "7" + letters(self.chance, 9, BASE62)

    def token(self) -> str:
        return github(self.chance)
