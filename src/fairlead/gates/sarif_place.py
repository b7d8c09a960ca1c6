"""In which file of the checkout is a result of a SARIF run, and on which lines?"""

import re
from itertools import islice

from fairlead.gates.finding import Place
from fairlead.gates.sarif_shape import Artifact, Physical, Region, Result, Run

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_LONGEST_CHAIN, _MOST_ROOTS = 10, 20


class Places:
    """The places of one run's results. `root` is the absolute folder in which the tool ran."""

    def __init__(self, run: Run, root: str) -> None:
        self._run = run
        bases = islice(run.original_uri_base_ids.values(), _MOST_ROOTS)
        roots = [root, *(_path(base.uri or "") for base in bases)]
        self._roots = [f"{one.rstrip('/')}/" for one in roots if one.startswith("/")]

    def place(self, result: Result) -> tuple[Place | None, str]:
        """Return the first place in a file, and the name of what the result is about."""
        physical, subject = None, ""
        for location in result.locations:
            physical = physical or location.physical_location
            for logical in location.logical_locations:
                subject = subject or logical.fully_qualified_name or logical.name
        return self._in_file(physical), subject

    def _in_file(self, physical: Physical | None) -> Place | None:
        if physical is None or physical.artifact_location is None:
            return None
        file = self._file(physical.artifact_location)
        return _lines(file, physical.region) if file else None

    def _file(self, artifact: Artifact) -> str:
        if artifact.uri is None and 0 <= artifact.index < len(self._run.artifacts):
            artifact = self._run.artifacts[artifact.index].location or artifact
        path = self._joined(artifact)
        for root in self._roots:
            if path.startswith(root):
                return path.removeprefix(root)
        return path.removeprefix("./")

    def _joined(self, artifact: Artifact) -> str:
        """Return the path below the relative bases; an absolute base is where the checkout is."""
        path = _path(artifact.uri or "")
        bases = self._run.original_uri_base_ids
        base = artifact.uri_base_id
        for _ in range(_LONGEST_CHAIN):
            if not path or path.startswith("/") or base is None or base not in bases:
                break
            above = _path(bases[base].uri or "")
            if above.startswith("/"):
                # A base inside the checkout is told below it, any other stands for it.
                inside = f"{above.rstrip('/')}/{path}"
                return inside if any(map(inside.startswith, self._roots)) else path
            path = f"{above.rstrip('/')}/{path}" if above else path
            base = bases[base].uri_base_id
        return path


def _path(uri: str) -> str:
    """Return the path that a reference stands for; an address of another kind as it is written."""
    if uri[:5].lower() == "file:":
        path = uri[5:]
        if path.startswith("//"):
            # file://host/path: the host is of no matter here.
            path = "/" + path[2:].partition("/")[2]
        return _decoded(path)
    return uri if _SCHEME.match(uri) else _decoded(uri)


def _decoded(text: str) -> str:
    plain = _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text.encode("utf-8", "replace"))
    return plain.decode("utf-8", "surrogateescape")


def _lines(file: str, region: Region) -> Place:
    """Return the place; what is missing is its first line, and no further than it begins."""
    start = (max(1, region.start_line), max(1, region.start_column))
    line = region.end_line or start[0]
    end = (line, region.end_column or (start[1] if line == start[0] else 1))
    return Place(file, *start, *max(start, end))
