"""Which options does every command know? They may stand before or after the command's name."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody said besides the command's own options; empty means nothing was said."""

    home: Path | None = None
    url: str = ""
    token_file: Path | None = None
    app: str = ""
    run: str = ""
    yes: bool = False
    as_json: bool = False


Home = Annotated[
    Path | None, typer.Option("--home", help="Folder of the installation.", show_default=False)
]
Url = Annotated[
    str, typer.Option("--url", help="Address of a Fairlead elsewhere.", show_default=False)
]
TokenFile = Annotated[
    Path | None,
    typer.Option("--token-file", help="File that holds your token.", show_default=False),
]
_HiddenHome = Annotated[Path | None, typer.Option("--home", hidden=True)]
_HiddenUrl = Annotated[str, typer.Option("--url", hidden=True)]
_HiddenTokenFile = Annotated[Path | None, typer.Option("--token-file", hidden=True)]
_App = Annotated[str, typer.Option("--app", help="Name of the app.", show_default=False)]
_Run = Annotated[str, typer.Option("--run", help="Name of the run.", show_default=False)]
_Yes = Annotated[bool, typer.Option("--yes", help="Do not ask; for scripts.")]
_Json = Annotated[bool, typer.Option("--json", help="Tell it as JSON.")]


def _option(name: str, default: Any, annotation: Any) -> inspect.Parameter:
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, kind, default=default, annotation=annotation)


_EVERYWHERE = (
    _option("home", None, _HiddenHome),
    _option("url", "", _HiddenUrl),
    _option("token_file", None, _HiddenTokenFile),
)
_CONTEXT = inspect.Parameter("ctx", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)
APP = _option("app", "", _App)
RUN = _option("run", "", _Run)
YES = _option("yes", default=False, annotation=_Yes)
JSON = _option("as_json", default=False, annotation=_Json)

Command = Callable[..., None]


def takes(*more: inspect.Parameter) -> Callable[[Command], Command]:
    """Give a command the options that every command has, and `more`.

    The command receives them all as one `Asked`, its first parameter.
    """

    def extend(command: Command) -> Command:
        own = [*inspect.signature(command).parameters.values()][1:]
        extra = [*more, *_EVERYWHERE]

        @wraps(command)
        def extended(ctx: typer.Context, **given: Any) -> None:
            said = {option.name: given.pop(option.name) for option in extra}
            command(_after(ctx.obj, said), **given)

        # Typer reads a command's options from its signature.
        extended.__dict__["__signature__"] = inspect.Signature([*own, *extra, _CONTEXT])
        return extended

    return extend


def _after(before: object, said: dict[str, Any]) -> Asked:
    """Return what was said after the command's name, and before it where nothing was said after."""
    asked = before if isinstance(before, Asked) else Asked()
    told = {f.name: said[f.name] for f in fields(Asked) if said.get(f.name)}
    return replace(asked, **told)
