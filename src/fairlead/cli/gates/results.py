"""What did the gates come to here, and where is it? Only what `gates run` wrote counts."""

import json
import shutil
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.errors import Refused

# Git need not know it; the tools which ask git leave it alone then, too.
RESULTS = Path(".fairlead") / "gates"
MOST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Result:
    """How a gate ended: `status` is passed, failed or unknown; `took_s` in seconds."""

    gate: str
    status: str
    because: str
    took_s: float
    log: str


def make_room(names: Collection[str]) -> None:
    """Make the folder, without what these gates left before, and without links: a repository could
    hold some, and what is written here would go wherever they lead. Errors: `Refused`.
    """
    ignored = RESULTS.parent / ".gitignore"
    try:
        for folder in (RESULTS.parent, RESULTS):
            if folder.is_symlink():
                raise Refused(f"{folder} is a link, so nothing is written there: remove it")
            folder.mkdir(mode=0o700, exist_ok=True)
        for path in (ignored, *RESULTS.iterdir()):
            if path.is_symlink() or path.stem in names:
                path.unlink()
            elif path.is_dir():
                shutil.rmtree(path)
        ignored.write_text("*\n", "utf-8")
    except OSError as error:
        raise Refused(
            f"{error.filename or RESULTS} is in the way of what gates leave ({error.strerror}): "
            "remove it"
        ) from error


def logs() -> Iterator[dict[str, Any]]:
    """Return what the gates found here, as SARIF; each run tells its gate.

    Errors: `Refused` for a file that is none of ours.
    """
    for file in sorted(RESULTS.glob("*.sarif")):
        if file.is_symlink() or not file.is_file() or file.stat().st_size > MOST_BYTES:
            raise not_ours(file)
        try:
            log = json.loads(file.read_text("utf-8"))
            for one in log["runs"]:
                one["properties"] = one.get("properties", {}) | {"gate": file.stem}
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as it:
            raise not_ours(file) from it
        yield log


def not_ours(path: Path) -> Refused:
    """Return what is said of results that we did not write as they are."""
    return Refused(
        f"{path} is not as `fairlead gates run` left it: remove it and run the gates again"
    )
