"""Which packages does a requirements file of pip name, and does it name all that is installed?

With a hash for every package, pip installs nothing that the file does not name.
Source: pip's documentation, "Requirements File Format" and "Secure installs".
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from fairlead.gates.packages.package import Kind, Package, hash_of, one_line

_PINNED = re.compile(
    r"(?P<name>[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?) ?(?:\[[^]]*\] ?)?"
    r"===? ?(?P<version>[A-Za-z0-9][A-Za-z0-9._+!-]*) ?(?:;.*)?\Z"
)
_HASH = re.compile(r"--hash[= ] ?(\w+):([0-9A-Fa-f]+)(?= |\Z)")
_HASHES = "--hash"
_OTHER_FILE = re.compile(r"(?:-r|--requirement)[\s=]*(\S+)\s*\Z")
_SETTINGS = ("-c", "--constraint", "-i", "--index-url", "--extra-index-url", "--no-index", "-f",
             "--find-links", "--no-binary", "--only-binary", "--prefer-binary", "--require-hashes",
             "--trusted-host", "--pre", "--use-feature")  # fmt: skip
_LOCK_IT = "lock it with hashes (`uv pip compile --generate-hashes`)"
_COMMENT = re.compile(r"(^|\s)#.*$")


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a file says: `packages` with one version each, in the order of the file.

    `others` are files that it includes, relative to it; `loose` are lines that do not say one
    version. `is_hashed` when every package has a hash.
    """

    packages: tuple[Package, ...]
    others: tuple[str, ...]
    loose: tuple[str, ...]

    @property
    def is_hashed(self) -> bool:
        """Tell whether pip would refuse to install anything else beside what the file names."""
        return not self.loose and all(package.hashes for package in self.packages)


def read(told: bytes) -> Requirements:
    """Return what a requirements file says; what is not understood is among the `loose` lines."""
    packages, others, loose = [], [], []
    for line in _lines(told.decode("utf-8", "replace")):
        if package := _package(line):
            packages.append(package)
        elif other := _OTHER_FILE.match(line):
            others.append(other[1])
        elif line.split()[0].partition("=")[0] not in _SETTINGS:
            loose.append(one_line(line))
    return Requirements(tuple(packages), tuple(others), tuple(loose))


def left_open(said: Requirements, path: str, known: Collection[str]) -> str:
    """Say what a file leaves open, and the remedy; empty when pip installs only what it names.

    `known` are the paths of the checkout's manifests: a file that it includes must be among them.
    """
    folder = PurePosixPath(path).parent
    if missing := [one for one in said.others if str(folder / one) not in known]:
        return one_line(f"{path} includes {missing[0]}, which is not read: put it beside it")
    if said.loose:
        return one_line(f"{path} leaves the version open: {said.loose[0]}: {_LOCK_IT}")
    if not said.is_hashed:
        return one_line(f"{path} may leave out what its packages bring along: {_LOCK_IT}")
    return ""


def normal(name: str) -> str:
    """Return a name as PyPI compares it. Source: PEP 503."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _package(line: str) -> Package | None:
    """Return what a line pins; None when it says anything else, or more than hashes besides."""
    before, options, after = " ".join(line.split()).partition(_HASHES)
    pinned = _PINNED.match(before.strip())
    if pinned is None or _HASH.sub("", options + after).strip():
        return None
    told = (hash_of(kind, digest) for kind, digest in _HASH.findall(options + after))
    hashes = tuple(sorted({one for one in told if one}))
    return Package(Kind.PYPI, normal(pinned["name"]), pinned["version"], hashes)


def _lines(text: str) -> list[str]:
    """Return the lines without comments; one that ends with a backslash goes on in the next."""
    whole = re.sub(r"\\\r?\n", " ", text)
    return [one for line in whole.splitlines() if (one := _COMMENT.sub("", line).strip())]


def changed(told: bytes, good: Mapping[str, str]) -> str:
    """Return the text with other versions for some packages, by their names as PyPI compares them.

    A line with a hash stays, because the hash of the other version is not known.
    """
    lines = told.decode("utf-8", "replace").split("\n")
    return "\n".join(_changed(line, good) for line in lines)


def _changed(line: str, good: Mapping[str, str]) -> str:
    package = _package(_COMMENT.sub("", line).strip())
    if package is None or _HASHES in line or package.name not in good:
        return line
    at = line.index(package.version, line.index("=="))
    return line[:at] + good[package.name] + line[at + len(package.version) :]
