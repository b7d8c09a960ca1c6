"""Which packages does Deno's deno.lock name? Versions 4 and 5 of its format.

Source: Deno's documentation, "Modules and dependencies", and the files that Deno 2 writes.
"""

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from fairlead.errors import Permanent
from fairlead.gates.packages.package import Kind, Package, Shape, Word, hash_of, integrity


class _Entry(Shape):
    integrity: str = ""


class _Lock(Shape):
    version: Literal["4", "5"]
    specifiers: dict[str, Word] = Field(default_factory=dict)
    npm: dict[Word, _Entry] = Field(default_factory=dict)
    jsr: dict[Word, _Entry] = Field(default_factory=dict)
    remote: dict[str, str] = Field(default_factory=dict)
    redirects: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DenoLock:
    """What the file names. `specifiers` are what code may import; `hosts` serve single modules."""

    npm: tuple[Package, ...]
    jsr: tuple[Package, ...]
    specifiers: frozenset[str]
    hosts: tuple[str, ...]

    def names(self, specifier: str) -> bool:
        """Tell whether an import in code is one of those, or a part of one (`npm:a@1/part`)."""
        return any(specifier == one or specifier.startswith(f"{one}/") for one in self.specifiers)


def read(told: bytes) -> DenoLock:
    """Return what the file names. Errors: `Permanent` when it cannot be read."""
    lock = _Lock.of(told, "deno.lock")
    npm = {_package(Kind.NPM, key, integrity(one.integrity)) for key, one in lock.npm.items()}
    jsr = {
        _package(Kind.JSR, key, tuple(filter(None, [hash_of("sha256", one.integrity)])))
        for key, one in lock.jsr.items()
    }
    hosts = {_host(address) for address in (*lock.remote, *lock.redirects)}
    named = frozenset((*lock.specifiers, *lock.remote, *lock.redirects))
    return DenoLock(tuple(sorted(npm)), tuple(sorted(jsr)), named, tuple(sorted(hosts)))


def for_audit(told: bytes) -> bytes:
    """Return the file with nothing but its npm packages: what `deno audit` can judge."""
    read(told)
    whole: dict[str, Any] = json.loads(told)
    wanted = {key: name for key, name in whole.get("specifiers", {}).items() if _is_npm(key)}
    kept = {"version": whole["version"], "specifiers": wanted, "npm": whole.get("npm", {})}
    return json.dumps(kept, indent=2).encode()


def _host(address: str) -> str:
    found = re.match(r"https?://(?:[^/?#@]*@)?([A-Za-z0-9.-]{1,253})", address)
    return found[1].lower() if found else "an address that cannot be read"


def _is_npm(specifier: str) -> bool:
    return specifier.startswith("npm:")


def _package(kind: Kind, key: str, hashes: tuple[Any, ...]) -> Package:
    """Return the package of a key such as `@a/b@1.0.0_peer@2.0.0`: peers come last."""
    name, at, rest = key[1:].partition("@")
    version = rest.partition("_")[0]
    if not at or not version:
        raise Permanent("deno.lock names a package without its version")
    return Package(kind, key[0] + name, version, hashes)
