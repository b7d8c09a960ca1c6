"""Where do commits and artifacts come from? The ports this room needs."""

from pathlib import Path
from typing import Protocol

from fairlead.release.component import ComponentKind
from fairlead.release.release import Artifact, Commit


class Repository(Protocol):
    """Our own copy of everybody's commits. Asking twice gives the same and changes nothing more.

    Errors: `Refused` when the repository or commit does not exist; `Temporary` when git fails
    in a way that may pass.
    """

    @property
    def history(self) -> Path:
        """Return the git folder that holds every commit."""
        ...

    def fetch(self, location: str, ref: str) -> Commit:
        """Bring `ref` and its history into our own copy; return the commit it names."""
        ...

    def read(self, sha: str, path: str) -> bytes:
        """Return one file's bytes at a commit; `Refused` when it is not there."""
        ...

    def checkout(self, sha: str, run: str) -> Path:
        """Return a clean checkout of the commit that belongs to `run` alone."""
        ...

    def discard(self, run: str) -> None:
        """Remove the checkout of `run`; nothing happens when there is none."""
        ...

    def blobs(self, sha: str) -> dict[str, str]:
        """Return every tracked path of the commit with its git blob id."""
        ...


class Artifacts(Protocol):
    """Content-addressed bytes. Packing the same files twice gives the same digest."""

    def pack(self, component: str, kind: ComponentKind, folder: Path) -> Artifact:
        """Archive `folder` deterministically and keep it; `Refused` for unsafe members."""
        ...

    def unpack(self, artifact: Artifact) -> Path:
        """Return a read-only folder with the artifact's files.

        The digest of the kept bytes is verified first: `Permanent` when a byte changed, when the
        bytes are gone or a member is unsafe.
        """
        ...
