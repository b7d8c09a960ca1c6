"""What does npm say of a package-lock.json, and which change to it would mend what it found?"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePosixPath

from fairlead.errors import FairleadError, Permanent
from fairlead.gates.advisories import npm
from fairlead.gates.advisories.audit import Audit
from fairlead.gates.finding import Finding
from fairlead.gates.packages import package_lock
from fairlead.gates.patch import patch
from fairlead.providers.scanners.dependencies.checkout import Checkout
from fairlead.providers.scanners.dependencies.tool import Bench, bench, program

REMEDY = "install Node.js with npm, or give the results of another auditor"
MOST_PATCH = 64 * 1024
_LOCK, _WANTED, _SETTINGS = "package-lock.json", "package.json", ".npmrc"
# Nothing in the project's .npmrc may leave a package out or write outside the private folder.
_WHOLE = (
    "--json", "--package-lock", "--package-lock-only", "--ignore-scripts", "--no-offline",
    "--include=dev", "--include=optional", "--include=peer", "--audit", "--audit-level=info",
    "--no-fund", "--no-update-notifier", "--cache=../.home/cache", "--logs-max=0",
)  # fmt: skip


def audit(checkout: Checkout, path: str) -> Audit:
    """Return what npm finds for one lock file; findings that a change mends carry it as a patch.

    Errors: `Permanent` and `Temporary` when npm cannot judge.
    """
    files = _files(checkout, path)
    if not package_lock.nodes(files[_LOCK]):
        return Audit()
    with bench(program("npm", REMEDY)) as here:
        here.put(files)
        found = _asked(here, files[_LOCK])
        return replace(found, findings=_with_patch(here, found, files, path))


def _files(checkout: Checkout, path: str) -> dict[str, bytes]:
    """Return the lock file, and each package.json that it tells of, by their paths beside it."""
    folder = PurePosixPath(path).parent
    lock = checkout.read(path)
    files = {_LOCK: lock, _WANTED: checkout.read(str(folder / _WANTED))}
    if (checkout.folder / folder / _SETTINGS).exists():
        files[_SETTINGS] = checkout.read(str(folder / _SETTINGS))
    for place in package_lock.workspaces(lock):
        wanted = PurePosixPath(place) / _WANTED
        if wanted.is_absolute() or ".." in wanted.parts:
            raise Permanent("package-lock.json names a folder outside the checkout")
        files[str(wanted)] = checkout.read(str(folder / wanted))
    return files


def _asked(here: Bench, lock: bytes) -> Audit:
    output, is_bad = here.output("audit", *_WHOLE)
    found = npm.read(output, lock)
    if is_bad and not found.findings:
        raise Permanent("it ended with status 1 and without a finding")
    return found


def _with_patch(
    here: Bench, found: Audit, files: Mapping[str, bytes], path: str
) -> tuple[Finding, ...]:
    """Return the findings; a patch is a proposal, so they stay known when none can be made."""
    if not found.findings:
        return ()
    try:
        here.ask("audit", "fix", *_WHOLE)
        lock = (here.folder / _LOCK).read_bytes()
        left = {(one.rule, one.subject) for one in _asked(here, lock).findings}
        change = _change(here, files, str(PurePosixPath(path).parent))
    except (FairleadError, OSError, UnicodeDecodeError):
        return found.findings
    if not change or len(change) > MOST_PATCH:
        return found.findings
    return tuple(
        one if (one.rule, one.subject) in left else replace(one, fix=change)
        for one in found.findings
    )


def _change(here: Bench, files: Mapping[str, bytes], folder: str) -> str:
    names = [name for name in files if name != _SETTINGS]
    before = {str(PurePosixPath(folder) / name): files[name].decode() for name in names}
    after = {
        str(PurePosixPath(folder) / name): (here.folder / name).read_bytes().decode()
        for name in names
    }
    return patch(before, after)
