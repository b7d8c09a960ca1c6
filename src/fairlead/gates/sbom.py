"""What is a release made of, and what of it changed? A software bill of materials.

Source: OWASP, "CycloneDX v1.6 JSON Reference", and the package URL specification (ECMA-427).
The same release always gives the same document: no serial number, and the commit's own time.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from packageurl import PackageURL

from fairlead.gates.packages.package import Hash, Package, one_line

SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"
MEDIA_TYPE = "application/vnd.cyclonedx+json; version=1.6"
# A larger document is not kept.
MOST_BYTES = 16 * 1024 * 1024
_WORDS = {
    "md5": "MD5", "sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shipped:
    """A release: its name, its commit (hex) and when that was made (with its time zone).

    `artifacts` are the components' names, each with the SHA-256 (hex) of its bytes.
    """

    release: str
    commit: str
    committed_at: datetime
    artifacts: Mapping[str, str]


def sbom(
    app: str,
    shipped: Shipped,
    locks: Mapping[str, Sequence[Package]],
    gaps: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the CycloneDX 1.6 document of a release, ready to be written as JSON.

    `locks` are the packages by the lock file that names them; `gaps` say what is brought in and
    named by none: then the document calls itself incomplete and tells them.
    """
    named: dict[Package, set[str]] = defaultdict(set)
    hashes: dict[Package, set[Hash]] = defaultdict(set)
    for path, packages in locks.items():
        for package in packages:
            named[package].add(path)
            hashes[package] |= {*package.hashes}
    components = [_library(one, sorted(named[one]), sorted(hashes[one])) for one in sorted(named)]
    parts = [_artifact(name, digest) for name, digest in sorted(shipped.artifacts.items())]
    told = [("fairlead:commit", shipped.commit), *(("fairlead:gap", one_line(g)) for g in gaps)]
    release = {
        "type": "application",
        "bom-ref": f"{app}@{shipped.release}",
        "name": app,
        "version": shipped.release,
        "components": parts,
        "properties": _properties(told),
    }
    refs = sorted(part["bom-ref"] for part in (release, *parts, *components))
    return {
        "$schema": SCHEMA,
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": f"{shipped.committed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "tools": {"components": [{"type": "application", "name": "fairlead"}]},
            "component": release,
        },
        "components": components,
        "compositions": [
            {"aggregate": "incomplete" if gaps else "complete", "assemblies": refs},
        ],
    }


def purl(package: Package) -> str:
    """Return the package URL; JSR has no registered type yet, and is written as `pkg:jsr/`."""
    scope, _, name = package.name.rpartition("/")
    return PackageURL(package.kind.value, scope or None, name, package.version).to_string()


def _library(package: Package, paths: Sequence[str], hashes: Sequence[Hash]) -> dict[str, Any]:
    scope, _, name = package.name.rpartition("/")
    address = purl(package)
    told: dict[str, Any] = {"type": "library", "bom-ref": address}
    told |= {"group": scope} if scope else {}
    told |= {"name": name, "version": package.version, "purl": address}
    if hashes:
        archives = {"type": "distribution", "url": address, "hashes": _hashes(hashes)}
        told["externalReferences"] = [archives]
    return told | {"properties": _properties([("fairlead:file", path) for path in paths])}


def _artifact(name: str, digest: str) -> dict[str, Any]:
    hashes = _hashes([Hash("sha256", digest)])
    return {"type": "file", "bom-ref": f"artifact:{name}", "name": name, "hashes": hashes}


def _hashes(hashes: Sequence[Hash]) -> list[dict[str, str]]:
    return [{"alg": _WORDS[one.algorithm], "content": one.hex} for one in hashes]


def _properties(told: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in told]
