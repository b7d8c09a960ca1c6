"""Which tokens must a function refuse, and which one is good?

Tokens are JSON Web Tokens (RFC 7519), signed with HMAC and SHA-256 (HS256 of RFC 7518). What an
attacker does to them: RFC 8725.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

STRANGER = "6f7d1c9e-0000-4000-8000-f41d1ead0000"
# What to do where nobody said with which secret an environment's tokens are signed.
GIVE_KEY = (
    "give it to the environment's functions with `fairlead secret put VARIABLE --env ENVIRONMENT`, "
    "or name the file that holds it in FAIRLEAD_JWT_SECRET_FILE"
)
_HOUR = timedelta(hours=1)
_GARBAGE = "this-is-no-token"


class Kind(StrEnum):
    """Every token that is tried, as a person would name it."""

    NONE = "no token"
    GARBAGE = "a token that is none"
    UNSIGNED = "an unsigned token (alg none)"
    FOREIGN = "a token signed with another key"
    FOREIGN_EXPIRED = "an expired token signed with another key"
    TAMPERED = "a valid token whose claims were changed"
    EXPIRED = "an expired token"
    VALID = "a valid token"


Tokens = Mapping[Kind, str]


def tokens(
    now: datetime, other_key: bytes, secret: bytes | None, claims: Mapping[str, str]
) -> Tokens:
    """Return a stranger's token of each kind; those that need the secret only when it is known.

    `other_key` is any key but the secret; `claims` are carried by all.
    """
    fresh = _claims(now, claims)
    stale = _claims(now - 2 * _HOUR, claims)
    made = {
        Kind.GARBAGE: _GARBAGE,
        Kind.UNSIGNED: f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(fresh)}.",
        Kind.FOREIGN: _signed(fresh, other_key),
        Kind.FOREIGN_EXPIRED: _signed(stale, other_key),
    }
    if secret is None:
        return made
    valid = _signed(fresh, secret)
    head, _, signature = valid.split(".")
    changed = _part(fresh | {"role": "service_role"})
    return made | {
        Kind.TAMPERED: f"{head}.{changed}.{signature}",
        Kind.EXPIRED: _signed(stale, secret),
        Kind.VALID: valid,
    }


def _claims(issued: datetime, more: Mapping[str, str]) -> dict[str, Any]:
    """Return what Supabase puts into a signed-in person's token, good for an hour."""
    return {
        "sub": STRANGER,
        "aud": "authenticated",
        "role": "authenticated",
        "iat": int(issued.timestamp()),
        "exp": int((issued + _HOUR).timestamp()),
        **more,
    }


def _signed(claims: Mapping[str, Any], key: bytes) -> str:
    told = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    return f"{told}.{_text(hmac.new(key, told.encode(), hashlib.sha256).digest())}"


def _part(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value, separators=(",", ":")).encode())


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
