"""Which values have a format that only one vendor's secrets have? The library Kingfisher knows."""

import re
from functools import cache
from importlib import metadata

from kingfisher_sdk import Rules, Scanner

from fairlead.errors import Permanent
from fairlead.providers.scanners.secrets import value as values
from fairlead.providers.scanners.secrets.context import Hit

LIMIT_S = 60.0
# It also takes the passwords of documentation; `context` looks at them more closely.
_TOLD_BETTER = "generic-credential-uri"
_LONG_RUN = 64
_BASE64, _ENDS_IN_BASE64 = re.compile(rb"[\w+/]+"), re.compile(rb"(?<![\w+/])[\w+/]+\Z|\A[\w+/]+\Z")


def version() -> str:
    """Return the version of the library; it carries its rules."""
    return metadata.version("kingfisher-secret-scanner")


def hits(window: bytes) -> list[Hit]:
    """Return the secrets of known formats. It asks nobody whether they are valid.

    Errors: `Permanent` when the library cannot judge; its own words could hold a secret.
    """
    try:
        found = [one for one in _scanner().scan(window, timeout=LIMIT_S) if one.visible]
    except (OSError, RuntimeError, TimeoutError, ValueError) as error:
        raise Permanent(f"the rules of known formats ended with {type(error).__name__}") from None
    told = [
        Hit(one.rule_id.rpartition(".")[2], *_span(one.location))
        for one in found
        if not _is_public(one.secret)
    ]
    return [one for one in told if one.rule != _TOLD_BETTER and not _is_within(window, one)]


@cache
def _scanner() -> Scanner:
    # One layer of base64 costs half of the speed, and what it finds has no place of its own.
    return Scanner(Rules(), base64=False)


def _span(location: dict[str, int]) -> tuple[int, int]:
    return location["start_offset"], location["end_offset"]


def _is_within(window: bytes, hit: Hit) -> bool:
    """Tell whether it is only a piece of longer base64: a picture, a program made small."""
    before = _ENDS_IN_BASE64.search(window[max(0, hit.start - _LONG_RUN) : hit.start])
    after = _BASE64.match(window, hit.end, hit.end + _LONG_RUN)
    return sum(len(it[0]) for it in (before, after) if it) >= _LONG_RUN


def _is_public(secret: str) -> bool:
    if secret.startswith("ey") and secret.count(".") >= 1:
        return values.is_public_jwt(secret)
    return not secret.startswith("-----") and len(secret) < 60 and values.is_stand_in(secret)
