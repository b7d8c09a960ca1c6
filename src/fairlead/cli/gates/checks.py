"""What does each check of Fairlead's own look at?"""

from collections.abc import Callable, Iterator
from pathlib import Path

from fairlead.cli.gates.around import Around
from fairlead.errors import Refused
from fairlead.gates.finding import Scan
from fairlead.gates.probing.declared import CONFIG, SECURITY, Declarations
from fairlead.release.spec.gate import Check
from fairlead.release.spec.model import ComponentKind, Spec

Scans = tuple[Scan, ...]


def scans(check: Check, spec: Spec, around: Around) -> Scans:
    """Return what a check has found. Errors: `Refused` for what it cannot work with."""
    return _CHECKS[check](spec, around)


def _secrets(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.secrets import scan

    return (scan(around.folder, around.since, around.history, around.commit),)


def _dependencies(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.dependencies import scan

    return scan(around.folder)


def _code(_: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners.code import scan

    return (scan(around.folder, around.history, around.commit),)


def _functions(spec: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners import functions

    running = functions.Running(around.url, around.release)
    return (functions.validate(running, _declared(spec, around.folder), around.now),)


def _api(spec: Spec, around: Around) -> Scans:
    from fairlead.providers.scanners import functions

    secret = functions.secret(around.secret) if around.secret else None
    running = functions.Running(around.url, around.release, secret)
    return (functions.probe(running, _declared(spec, around.folder), around.now),)


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
