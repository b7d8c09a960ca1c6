"""What does fairlead.yaml say, is it sound, and what would be done with it?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fairlead.cli import terminal
from fairlead.cli.exits import Exit
from fairlead.cli.options import JSON, Asked, takes
from fairlead.errors import Refused

if TYPE_CHECKING:
    from fairlead.analysis.history import Usual
    from fairlead.release.spec.model import Spec

FILE = "fairlead.yaml"
# What the reader accepts; more is not read into memory at all.
LARGEST_FILE = 256 * 1024

FilePath = Annotated[Path, typer.Argument(help="The file.", metavar="[PATH]")]
Ref = Annotated[
    str,
    typer.Argument(
        help="Commit or branch; without it the working tree.", metavar="[REF]", show_default=False
    ),
]
Repo = Annotated[Path, typer.Option("--repo", help="Folder of the repository.")]


def join(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(check)
    app.command()(plan)
    app.command()(schema)


@takes(JSON)
def check(asked: Asked, path: FilePath = Path(FILE)) -> None:
    """Tell everything that is wrong with fairlead.yaml."""
    try:
        spec = load(read(path), str(path))
    except Refused as refusal:
        if not asked.as_json:
            raise
        problems = [*refusal.problems] or [str(refusal)]
        terminal.tell_json({"path": str(path), "ok": False, "problems": problems})
        raise typer.Exit(Exit.REFUSED) from refusal
    if asked.as_json:
        terminal.tell_json({"path": str(path), "ok": True, "app": spec.app, "problems": []})
        return
    terminal.say(
        f"{path} is sound: {spec.app} goes through {len(spec.pipeline) + 2} stages into "
        f"{', '.join(spec.environments)}"
    )


@takes(JSON)
def plan(asked: Asked, ref: Ref = "", repo: Repo = Path()) -> None:
    """Tell what would be done with a commit, in order.

    Nothing is done, and no server is needed; one that runs tells what usually arrives.
    """
    from fairlead.cli import planned, work_tree

    tree = work_tree.find(repo) if ref else None
    if tree is None:
        source = str(repo / FILE)
        spec = load(read(repo / FILE), source)
    else:
        sha = tree.commit(ref)
        source = f"{sha[:12]}:{FILE}"
        spec = load(tree.file(sha, FILE), source)
    outline = planned.outline(spec, source, measured(asked, spec.app))
    if asked.as_json:
        terminal.tell_json(outline)
    else:
        terminal.draw(planned.drawn(outline))


@takes()
def schema(asked: Asked) -> None:
    """Tell the JSON Schema of fairlead.yaml, for editors."""
    del asked
    from fairlead.release.spec.schema import json_schema

    terminal.tell_json(json_schema())


def measured(asked: Asked, app: str) -> "dict[str, Usual]":
    """Return what usually arrives, by environment; nothing where no server tells it."""
    from fairlead.analysis.history import Usual
    from fairlead.cli import connection
    from fairlead.cli.client import named
    from fairlead.errors import FairleadError

    try:
        told = connection.connect(asked).get(f"apps/{named(app)}/traffic")["environments"]
    except FairleadError:
        return {}
    return {name: Usual(**usual) for name, usual in told.items() if usual}


def load(data: bytes, name: str) -> "Spec":
    """Read a configuration; `Refused` with every problem."""
    from fairlead.release.spec import reading

    return reading.load(reading.decoded(data, name), name)


def shape(data: bytes, name: str) -> "Spec":
    """Read a configuration that somebody else holds against what could work, which takes longer."""
    from fairlead.release.spec import reading

    return reading.read(reading.decoded(data, name), name)


def read(path: Path) -> bytes:
    """Return the file's bytes; `Refused` when it is not there, cannot be read or is too large."""
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise Refused(f"{path} is larger than {LARGEST_FILE // 1024} KiB")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise Refused(
            f"there is no {path}: go to the app's repository, or name the file"
        ) from error
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}") from error
