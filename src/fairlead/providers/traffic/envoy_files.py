"""What has Envoy been told? Documents it watches, replaced whole; they are the only state."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fairlead.errors import Permanent, Temporary

Resources = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Document:
    """One file of resources by name, alone in its folder because Envoy watches folders.

    What one environment alone needs is not `shared`: it is not forced to the disk, which would cost
    a switch most of its time. Should a power failure damage it, the next change writes it anew.
    """

    path: Path
    shared: bool = True

    def read(self) -> Resources | None:
        """Return what Envoy was told last; None when there is no such file."""
        try:
            told = json.loads(self.path.read_text())
            return {resource["name"]: resource for resource in told["resources"]}
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            if not self.shared:
                return None
            raise Permanent(f"{self.path} is damaged: remove it and deploy again") from error

    def replace(self, resources: Resources) -> None:
        """Put other resources there at once."""
        told = {"version_info": version(resources), "resources": [*resources.values()]}
        replace(self.path, told, sync=self.shared)


@dataclass(frozen=True, slots=True)
class Files:
    """All of Envoy's documents in one folder."""

    folder: Path

    @property
    def bootstrap(self) -> Path:
        """Return the file Envoy is started with."""
        return self.folder / "bootstrap.json"

    @property
    def clusters(self) -> Document:
        """Return the clusters of all environments."""
        return Document(self.folder / "clusters" / "clusters.json")

    @property
    def listeners(self) -> Document:
        """Return the listeners of all environments."""
        return Document(self.folder / "listeners" / "listeners.json")

    def routes(self, edge: str) -> Document:
        """Return the routes of one environment.

        They stay when its listener closes: Envoy still watches their folder, and would not see a
        new one of the same name.
        """
        return Document(
            self.folder / "routes" / edge.replace("/", "+") / "routes.json", shared=False
        )

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Keep every other thread and process from changing anything meanwhile.

        Errors: `Temporary` when nothing can be written, as on a full disk.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise Temporary(
                f"the edge cannot be told anything new: {error}; free disk space, or let Fairlead "
                "write there"
            ) from error


def version(resources: Resources) -> str:
    """Return the name of exactly these resources."""
    told = json.dumps(resources, sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def replace(path: Path, told: dict[str, Any], *, sync: bool = True) -> None:
    """Replace a file at once: a reader finds the old or the new one.

    With `sync` that holds after a power failure too.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(json.dumps(told))
        file.flush()
        if sync:
            os.fsync(file.fileno())
    fresh.rename(path)
