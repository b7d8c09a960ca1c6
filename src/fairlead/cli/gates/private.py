"""Where no environment runs yet, in what do the app's functions answer? In a slot of their own."""

import secrets
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from fairlead.cli import harmless
from fairlead.errors import Permanent, Temporary
from fairlead.gates.probing.declared import Declarations
from fairlead.release.component import ComponentKind
from fairlead.release.spec.model import Component, Spec

if TYPE_CHECKING:
    from fairlead.gates.probing.private_slot import PrivateSlot
    from fairlead.providers.scanners.functions import Running
    from fairlead.rollout.slot import Slot

# What the functions are told that they run in, and as which release where there is no commit.
ENVIRONMENT, RELEASE = "private", "working-tree"
_URL = "http://localhost"


class NotPrivateError(Exception):
    """A sentence for people: why there is no private slot, which is not the functions' fault."""


@contextmanager
def private(spec: Spec, declared: Declarations, folder: Path, commit: str) -> "Iterator[Running]":
    """Pack the functions of `folder` and run them until the block ends, with a secret of their own.

    What they say goes to our standard error. Errors: `NotPrivateError`; `Refused` for functions
    that no release may hold.
    """
    from fairlead.providers.scanners.functions import Running

    secret = secrets.token_urlsafe(32)
    release = commit[:12] or RELEASE
    env = {declared.secret_variable: secret}
    with _slot(spec, folder, release, env) as slot:
        yield Running(_URL, release, secret.encode(), private=slot)


@contextmanager
def _slot(spec: Spec, folder: Path, release: str, env: dict[str, str]) -> "Iterator[PrivateSlot]":
    from fairlead.providers.targets.companions import Companions
    from fairlead.providers.targets.private import Wanted, run

    with ExitStack() as ends:
        try:
            companions = ends.enter_context(Companions(_hear))
            slot, files = _deployed(spec, folder, release, companions.folder)
            running = run(Wanted(slot, files, _deno(), env), companions)
        except (Permanent, Temporary, OSError) as error:
            raise NotPrivateError(f"no private slot could be started: {error}") from error
        yield running


def _deployed(spec: Spec, folder: Path, release: str, room: Path) -> "tuple[Slot, Path]":
    """Return the slot and its files, as a release would have them: no more than the artifact."""
    from fairlead.providers.objects.local import LocalArtifacts
    from fairlead.rollout.slot import FUNCTIONS, Slot

    name, component = _functions(spec)
    artifacts = LocalArtifacts(room / "artifacts")
    packed = artifacts.pack(name, ComponentKind.FUNCTIONS, folder / component.path)
    permissions = tuple(component.permissions)
    slot = Slot(spec.app, ENVIRONMENT, release, name, FUNCTIONS, packed.units, permissions)
    return slot, artifacts.unpack(packed)


def _functions(spec: Spec) -> tuple[str, Component]:
    kinds = spec.components.items()
    return next(pair for pair in kinds if pair[1].kind is ComponentKind.FUNCTIONS)


def _deno() -> Path:
    from deno import find_deno_bin

    return Path(find_deno_bin())


def _hear(line: str) -> None:
    print(harmless.line(line), file=sys.stderr, flush=True)  # noqa: T201 - the gate's log
