"""What exactly is released? A commit, and one content-addressed artifact per component."""

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Any

from fairlead.release.component import ComponentKind

ID_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Commit:
    """Where the release's bytes came from. `message` and names are other people's input."""

    sha: str
    branch: str
    author_name: str
    author_email: str
    message: str


@dataclass(frozen=True, slots=True)
class Artifact:
    """One component's bytes: `digest` is the SHA-256 (hex) of its archive of `size` bytes.

    `units` are the separately running parts: function names, or `site` for a static component.
    """

    component: str
    kind: ComponentKind
    digest: str
    size: int
    units: tuple[str, ...]
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """Immutable: built once, then the same bytes everywhere."""

    app: str
    commit: Commit
    artifacts: tuple[Artifact, ...]

    @property
    def id(self) -> str:
        """Return the short name used in headers, pages and sentences."""
        return release_id(self.commit.sha)

    @property
    def migrations(self) -> Artifact | None:
        """Return the artifact with its migrations; None when it has none."""
        found = [a for a in self.artifacts if a.kind is ComponentKind.POSTGRES]
        return found[0] if found else None

    @property
    def digest(self) -> str:
        """Return the SHA-256 (hex) of the manifest."""
        return hashlib.sha256(canonical(self.manifest()).encode()).hexdigest()

    def manifest(self) -> dict[str, Any]:
        """Return the manifest as plain data."""
        return {
            "app": self.app,
            "commit": asdict(self.commit),
            "artifacts": [
                {
                    **asdict(a),
                    "kind": a.kind.value,
                    "units": [*a.units],
                    "permissions": [*a.permissions],
                }
                for a in self.artifacts
            ],
        }

    @staticmethod
    def from_manifest(manifest: dict[str, Any]) -> "Release":
        """Read a manifest back."""
        artifacts = tuple(
            Artifact(
                component=a["component"],
                kind=ComponentKind(a["kind"]),
                digest=a["digest"],
                size=a["size"],
                units=tuple(a["units"]),
                permissions=tuple(a["permissions"]),
            )
            for a in manifest["artifacts"]
        )
        return Release(manifest["app"], Commit(**manifest["commit"]), artifacts)


def release_id(sha: str) -> str:
    """Return the release's short name for a commit."""
    return sha[:ID_LENGTH]


def canonical(data: Any) -> str:
    """Write plain data as JSON in the one form that is digested."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
