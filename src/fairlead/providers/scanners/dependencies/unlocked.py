"""What does a checkout bring in that no lock file we can judge names?"""

import json
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from fairlead.gates.packages import deno_lock, manifests
from fairlead.gates.packages.deno_lock import DenoLock
from fairlead.gates.packages.manifests import Manifest
from fairlead.providers.scanners.dependencies.checkout import Checkout

_RESULTS = "give the results of `osv-scanner --all-packages --format json`, or of another auditor"


def left_open(checkout: Checkout, judged: Collection[str]) -> tuple[str, ...]:
    """Return a sentence, with its remedy, for everything that nobody judges.

    Errors: `Permanent` when a file that must be looked at cannot be read.
    """
    foreign = (
        f"Fairlead has no auditor for {path}: {_RESULTS}"
        for path in checkout.of_kind(Manifest.FOREIGN)
        if path not in judged
    )
    return (*foreign, *_without_lock(checkout, judged), *_imports(checkout))


def _without_lock(checkout: Checkout, judged: Collection[str]) -> Iterator[str]:
    for kind in (Manifest.DECLARED, Manifest.PROJECT):
        for path in checkout.of_kind(kind):
            if path in judged or manifests.is_locked(path, checkout.manifests):
                continue
            if manifests.declares(path, checkout.read(path)):
                yield f"{path} wants packages and no lock file says which: add one"


def _imports(checkout: Checkout) -> Iterator[str]:
    """Tell of code that brings in modules which no deno.lock beside it or above it names."""
    locks: dict[str, DenoLock] = {
        str(PurePosixPath(path).parent): deno_lock.read(checkout.read(path))
        for path in checkout.of_kind(Manifest.DENO)
    }
    for path in checkout.code:
        text = checkout.read(path).decode("utf-8", "replace")
        above = [locks[str(one)] for one in PurePosixPath(path).parents if str(one) in locks]
        for specifier in sorted(manifests.imports(path, text)):
            if not any(lock.names(specifier) for lock in above):
                told = json.dumps(specifier)
                yield f"{path} imports {told} and no deno.lock names it: let Deno write one"
                return
