"""What is one package of a lock file, and how is it named the world over?"""

import base64
import binascii
import re
import string
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from fairlead.errors import Permanent

MOST_LETTERS = 1000
_HEX_LETTERS = {"md5": 32, "sha1": 40, "sha256": 64, "sha384": 96, "sha512": 128}
_USER = re.compile(r"(://)[^/\s@]*@")

Word = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,300}$")]
"""A name or a version: printable ASCII without blanks."""


class Shape(BaseModel):
    """A part of somebody else's JSON: what we read is strict, what we do not read may be there."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    @classmethod
    def of(cls, told: bytes, what: str) -> Self:
        """Return the document that `told` is. Errors: `Permanent` when it is none."""
        try:
            return cls.model_validate_json(told)
        except ValidationError as error:
            raise Permanent(f"{what} cannot be read: {first_of(error)}") from error


def first_of(error: ValidationError) -> str:
    """Return the first thing that is wrong with a document, and where; nothing of its content."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return one_line(f"{where}: {first['msg']}" if where else first["msg"])


def one_line(text: str) -> str:
    """Return text on one line, without controls, at most 1000 letters.

    Addresses lose their user and password.
    """
    text = _USER.sub(r"\1", text)
    told = " ".join("".join(s if s.isprintable() else " " for s in text).split())
    return told if len(told) <= MOST_LETTERS else f"{told[: MOST_LETTERS - 1]}…"


class Kind(StrEnum):
    """Where a package comes from, in the words of package URLs."""

    NPM = "npm"
    PYPI = "pypi"
    JSR = "jsr"


@dataclass(frozen=True, slots=True, order=True)
class Hash:
    """The digest of a package's bytes: `algorithm` as in `sha256`, `hex` in lower case."""

    algorithm: str
    hex: str


@dataclass(frozen=True, slots=True, order=True)
class Package:
    """One version of one package. `hashes` are those of its archives: PyPI has several of them."""

    kind: Kind
    name: str
    version: str
    hashes: tuple[Hash, ...] = field(default=(), compare=False)

    @property
    def subject(self) -> str:
        """Return it as findings name it."""
        return f"{self.name} {self.version}"


def hash_of(algorithm: str, told: str) -> Hash | None:
    """Return a digest told in hex; None when it is not one that CycloneDX has a word for."""
    right = _HEX_LETTERS.get(algorithm) == len(told) and set(told) <= {*string.hexdigits}
    return Hash(algorithm, told.lower()) if right else None


def integrity(told: str) -> tuple[Hash, ...]:
    """Return the digests of a Subresource Integrity text: `sha512-` and base64, each after a blank.

    Source: W3C, "Subresource Integrity". What is no digest is left out.
    """
    found = []
    for one in told.split():
        algorithm, _, digest = one.partition("?")[0].partition("-")
        try:
            octets = base64.b64decode(digest, validate=True)
        except binascii.Error:
            continue
        if known := hash_of(algorithm, octets.hex()):
            found.append(known)
    return tuple(sorted(set(found)))
