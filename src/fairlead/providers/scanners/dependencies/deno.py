"""What does Deno say of the npm packages of a deno.lock?

It is given the lock file's npm packages in a folder of ours, and the project's .npmrc.
"""

from dataclasses import replace
from pathlib import PurePosixPath

from fairlead.errors import Permanent
from fairlead.gates.advisories import deno
from fairlead.gates.advisories.audit import Audit
from fairlead.gates.packages import deno_lock
from fairlead.providers.scanners.dependencies.checkout import Checkout
from fairlead.providers.scanners.dependencies.tool import bench, program

REMEDY = "`pip install deno`, or give the results of another auditor"
_LOCK, _WANTED, _SETTINGS = "deno.lock", "deno.json", ".npmrc"
_ENVIRONMENT = {
    "NO_COLOR": "1",
    "DENO_NO_UPDATE_CHECK": "1",
    "DENO_TLS_CA_STORE": "mozilla,system",
}


def audit(checkout: Checkout, path: str) -> Audit:
    """Return what Deno finds for one lock file, and what of it no database covers.

    Errors: `Permanent` and `Temporary` when Deno cannot judge.
    """
    told = checkout.read(path)
    lock = deno_lock.read(told)
    found = _asked(checkout, path, told) if lock.npm else Audit()
    return replace(found, findings=(*found.findings, *deno.not_judged(lock)))


def _asked(checkout: Checkout, path: str, told: bytes) -> Audit:
    files = {_LOCK: deno_lock.for_audit(told), _WANTED: b"{}"}
    settings = str(PurePosixPath(path).parent / _SETTINGS)
    if (checkout.folder / settings).exists():
        files[_SETTINGS] = checkout.read(settings)
    with bench(program("deno", REMEDY), _ENVIRONMENT) as here:
        here.put(files)
        output, is_bad = here.output("audit", f"--lock={_LOCK}", "--frozen")
    found = deno.read(output, deno_lock.read(told).npm)
    if is_bad is not bool(found.findings):
        raise Permanent("its exit status and its report do not agree")
    return found
