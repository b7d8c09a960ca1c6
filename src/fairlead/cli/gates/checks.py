"""What does each check of Fairlead's own look at?"""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli.gates.around import Around
from fairlead.errors import Refused
from fairlead.gates.finding import Scan
from fairlead.gates.probing.declared import CONFIG, SECURITY, Declarations
from fairlead.gates.probing.private_slot import ABOUT
from fairlead.release.component import ComponentKind
from fairlead.release.spec.gate import Check
from fairlead.release.spec.model import Spec

if TYPE_CHECKING:
    from fairlead.providers.scanners.functions import Running

NO_FUNCTION = "no function was found, so none was called: each is a folder with an index.ts"

Scans = tuple[Scan, ...]
Ask = Callable[["Running", Declarations, datetime], Scan]


def scans(check: Check, spec: Spec, around: Around) -> Scans:
    """Return what a check has found. Errors: `Refused` for what it cannot work with."""
    return _CHECKS[check](spec, around)


def _secrets(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.secrets import scan

    return (scan(around.folder, around.since, around.history, around.commit),)


def _dependencies(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.dependencies.audits import scan

    return scan(around.folder)


def _code(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.code import scan

    return (scan(around.folder, around.history, around.commit),)


def _functions(spec: Spec, around: Around) -> Scans:
    from fairlead.gates.probing.health import TOOL
    from fairlead.providers.scanners import functions

    return _called(spec, around, TOOL, functions.validate)


def _api(spec: Spec, around: Around) -> Scans:
    from fairlead.gates.probing.judge import TOOL
    from fairlead.providers.scanners import functions

    return _called(spec, around, TOOL, functions.probe)


def _called(spec: Spec, around: Around, tool: str, ask: "Ask") -> Scans:
    """Ask the functions of the release that runs, or where none does yet, of a private slot."""
    from fairlead.cli.gates import private
    from fairlead.providers.scanners import functions

    declared = _declared(spec, around.folder)
    if around.url:
        file = around.secret(declared.secret_variable)
        secret = functions.secret(file) if file else None
        running = functions.Running(around.url, around.release, secret)
        return (ask(running, declared, around.now),)
    if not declared.functions:
        return (Scan(tool, "", ABOUT, unknown=NO_FUNCTION),)
    try:
        with private.private(spec, declared, around.folder, around.commit) as running:
            return (ask(running, declared, around.now),)
    except private.NotPrivateError as error:
        return (Scan(tool, "", ABOUT, unknown=str(error)),)


def _privacy(spec: Spec, around: Around) -> Scans:
    from fairlead.cli.privacy import looking

    if not around.database:
        raise Refused("privacy looks into a database, and none was named: add --url-file FILE")
    if (found := looking.declared(around)) is None:
        raise Refused(
            "there is no privacy.yaml: write what is declared of personal data there; "
            "`fairlead privacy inventory` tells what there may be"
        )
    looked = looking.look(around, edge_functions(spec, around.folder), found)
    looking.keep(looked.told, around.privacy)
    return (looked.scan,)


def edge_functions(spec: Spec, folder: Path) -> Path:
    """Return the folder of the app's edge functions; it may not be there."""
    return _folder(spec, folder) or folder / "supabase/functions"


def _declared(spec: Spec, folder: Path) -> Declarations:
    from fairlead.gates.probing import declared

    names = sorted(_names(_folder(spec, folder)))
    config, security = (_text(folder / file) for file in (CONFIG, SECURITY))
    return declared.read(names, config, security)


def _folder(spec: Spec, folder: Path) -> Path | None:
    kinds = (one for one in spec.components.values() if one.kind is ComponentKind.FUNCTIONS)
    found = next(kinds, None)
    return folder / found.path if found else None


def _names(folder: Path | None) -> Iterator[str]:
    for index in folder.glob("*/index.ts") if folder else ():
        if not index.parent.name.startswith(("_", ".")):
            yield index.parent.name


def _text(file: Path) -> str | None:
    try:
        return file.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{file} cannot be read: {error}") from error


_CHECKS: dict[Check, Callable[[Spec, Around], Scans]] = {
    Check.SECRETS: _secrets,
    Check.DEPENDENCIES: _dependencies,
    Check.CODE: _code,
    Check.FUNCTIONS: _functions,
    Check.API: _api,
    Check.PRIVACY: _privacy,
}
