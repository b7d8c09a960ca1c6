"""How is an auditor called, in a private folder that holds nothing but what it is to judge?"""

import shutil
import ssl
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from fairlead.errors import FairleadError, Permanent
from fairlead.gates.packages.package import one_line
from fairlead.providers.scanners.calling import Answer, ask

LIMIT_S = 120.0
_HOME = ".home"
_FOUND_SOMETHING = 1
_SYSTEM = "/usr/bin:/bin"


@dataclass(frozen=True, slots=True)
class Bench:
    """A private folder for one audit; the checkout is never where a tool works."""

    folder: Path
    program: str
    env: Mapping[str, str]

    def put(self, files: Mapping[str, bytes]) -> None:
        """Write files by their paths below the folder. Errors: `Permanent`."""
        try:
            for path, data in files.items():
                (self.folder / path).parent.mkdir(parents=True, exist_ok=True)
                (self.folder / path).write_bytes(data)
        except OSError as error:
            raise Permanent(f"no file can be written for it: {error.strerror}") from error

    def ask(self, *arguments: str) -> Answer:
        """Return how the tool answered. Errors: `Permanent` and `Temporary`, as `calling.ask`."""
        return ask([self.program, *arguments], self.folder, LIMIT_S, self.env)

    def output(self, *arguments: str) -> tuple[bytes, bool]:
        """Return what it wrote, and whether its exit status says that it found something.

        Errors: `Permanent` when it wrote nothing or ended with a status other than 0 and 1.
        """
        answer = self.ask(*arguments)
        if answer.status not in (0, _FOUND_SOMETHING) or not answer.output.strip():
            raise Permanent(f"it ended with status {answer.status}: {_why(answer)}")
        return answer.output, answer.status == _FOUND_SOMETHING


def program(name: str, remedy: str) -> str:
    """Return the tool installed beside Fairlead, or else on PATH. Errors: `Permanent`."""
    beside = shutil.which(name, path=sysconfig.get_path("scripts"))
    if (found := beside or shutil.which(name)) is None:
        raise Permanent(f"{name} is not installed: {remedy}")
    return str(Path(found).absolute())


def version(name: str) -> str:
    """Return the version that a tool tells; empty when it tells none."""
    try:
        with bench(program(name, "")) as here:
            answer = here.ask("--version")
    except FairleadError:
        return ""
    words = one_line(answer.output.decode("utf-8", "replace")).split()
    return next((word for word in words if word[0].isdigit()), "") if not answer.status else ""


@contextmanager
def bench(program: str, env: Mapping[str, str] | None = None) -> Iterator[Bench]:
    """Give a private folder, with a home of its own beside it; all is gone afterwards.

    Errors: `Permanent` when none can be made.
    """
    try:
        made = tempfile.TemporaryDirectory(prefix="fairlead-audit-", ignore_cleanup_errors=True)
        home, work = Path(made.name) / _HOME, Path(made.name) / "work"
        home.mkdir()
        work.mkdir()
    except OSError as error:
        raise Permanent(f"no folder can be made for it: {error.strerror}") from error
    path = f"{Path(program).parent}:{_SYSTEM}"
    told = {"HOME": str(home), "PATH": path, "TMPDIR": str(home)}
    with made:
        yield Bench(work, program, told | _certificates() | dict(env or {}))


def _certificates() -> dict[str, str]:
    """Name the certificates that this machine trusts to tools that bring their own."""
    known = ssl.get_default_verify_paths().cafile
    return {"REQUESTS_CA_BUNDLE": known, "NODE_EXTRA_CA_CERTS": known} if known else {}


def _why(answer: Answer) -> str:
    lines = answer.told.decode("utf-8", "replace").strip().splitlines()
    errors = [line for line in lines if "warn" not in line.lower()[:12]]
    return one_line((errors or lines or ["it did not say why"])[0])
