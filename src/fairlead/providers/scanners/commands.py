"""By which command is a gate judged? By `fairlead gates judge`, as a person would do it."""

import sys
from dataclasses import dataclass
from pathlib import Path

from fairlead.gates.ports import Asked, Built
from fairlead.migrations.ports import Secrets
from fairlead.rollout.slot import secrets_of

# Isolated: it runs in a checkout, whose `fairlead/` or `json.py` must not be taken for ours.
OURS = (sys.executable, "-I", "-m")


@dataclass(frozen=True, slots=True)
class GateCommands:
    """Satisfies the port `Judges`; `home` is where the installation's things are."""

    secrets: Secrets
    home: Path

    def command(self, asked: Asked) -> list[str]:
        """Return the words of `fairlead gates judge`; no address is in them."""
        words = [*OURS, "fairlead.cli.main", "gates", "judge", asked.gate]
        words += ["--report", str(asked.report), "--sarif", str(asked.sarif)]
        words += ["--before", str(asked.before)] if asked.before else []
        words += ["--since", asked.since] if asked.since else []
        if asked.environment:
            words += ["--secrets", str(secrets_of(self.home, asked.app, asked.environment))]
        return words + self._around(asked)

    def privacy(self, asked: Asked) -> list[str]:
        """Return the words of `fairlead privacy deployed`; no address is in them."""
        words = [*OURS, "fairlead.cli.main", "privacy", "deployed"]
        return [*words, "--report", str(asked.report), *self._around(asked)]

    def _around(self, asked: Asked) -> list[str]:
        words = ["--privacy", str(asked.privacy)] if asked.privacy else []
        words += ["--history", str(asked.history)] if asked.history else []
        words += ["--commit", asked.commit] if asked.commit else []
        words += ["--url-file", str(self.secrets.file(asked.secret))] if asked.secret else []
        for log in asked.logs:
            name = f"{log.name}@{log.release}" if log.release else log.name
            words += ["--log", f"{name}={log.file}"]
        return words

    def sbom(self, built: Built) -> list[str]:
        """Return the words that ask what a release is made of."""
        words = [*OURS, "fairlead.cli.release_sbom", built.app]
        words += ["--history", str(built.history), "--commit", built.commit]
        words += ["--to", str(built.document), "--report", str(built.report)]
        for name, digest in built.artifacts.items():
            words += ["--artifact", f"{name}={digest}"]
        return words
