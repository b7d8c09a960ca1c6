"""Does a value look like a secret, or like what stands in for one: a word, a lookup, an example?"""

import base64
import binascii
import json
import math
import re
from collections import Counter
from itertools import pairwise

SHORTEST_PASSWORD, SHORTEST_KEY, LONGEST = 8, 16, 512
_EVEN_KEY_BITS = 3.0  # of each sign; 16 signs by chance have 3.4 in the mean
# What people write where a secret will be.
_STANDS_IN = re.compile(
    r"example|sample|change.?me|replace|your|insert|placeholder|dummy|fake|mock|test|todo|redacted"
    r"|password|passwd|secret|token|api.?key|credential|default|invalid|wrong|undefined|none|null"
    r"|xxxx|\*\*\*|\.\.\.|…|123456|abcdef",
    re.IGNORECASE,
)
# Words whose value is looked up when the program runs: templates, expressions, references.
_LOOKED_UP = re.compile(
    r"[{<\[]|[$#%]\(|[}>\]]$|^[$%@!&/~]|^\.{0,2}/|^[a-z][a-z0-9+]*:|\w\.[A-Za-z_]\w*[.(\[]|^process\.|[\s\\]",
    re.IGNORECASE,
)
_NAMES = re.compile(r"[A-Za-z_.\-/:@]*")
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
WEAK = frozenset({"postgres", "root", "guest", "admin", "user", "pass", "app", "minio", "rabbitmq"})


def bits_per_sign(value: str) -> float:
    """Return Shannon's entropy of its signs, in bits. Source: Shannon 1948."""
    many = Counter(value)
    return -sum(n / len(value) * math.log2(n / len(value)) for n in many.values())


def is_stand_in(value: str) -> bool:
    """Tell whether it is written where a secret will be, or in its place in a text for people."""
    return len(set(value)) < 5 or _STANDS_IN.search(value) is not None or value.lower() in WEAK


def is_password(value: str) -> bool:
    """Tell whether somebody may log in with it: letters with a digit or by chance, no words."""
    return (
        SHORTEST_PASSWORD <= len(value) <= LONGEST
        and any(sign.isalpha() for sign in value)
        and not is_stand_in(value)
        and not _LOOKED_UP.search(value)
        and not _is_a_name(value)
    )


def is_key(value: str) -> bool:
    """Tell whether it was drawn by chance: long enough, mixed, and its signs about even."""
    return (
        len(value) >= SHORTEST_KEY
        and is_password(value)
        and any(sign.isdigit() for sign in value)
        and bits_per_sign(value) >= _EVEN_KEY_BITS
    )


def is_by_chance(value: str) -> bool:
    """Tell whether it is a key even where nothing says so: longer, with all kinds of signs."""
    return (
        len(value) >= 24
        and is_key(value)
        and not is_uuid(value)
        and bits_per_sign(value) >= (4.0 if re.search(r"[g-zG-Z]", value) else 3.3)
    )


def is_uuid(value: str) -> bool:
    """Tell whether it is a UUID: under most names it tells things apart and opens nothing."""
    return _UUID.fullmatch(value) is not None


def is_expression(value: str) -> bool:
    """Tell whether it is names with dots between, as a program has them: `settings.key2`."""
    kinds = [_kind(sign) for sign in value if sign not in "._"]
    turns = sum(a != b for a, b in pairwise(kinds))
    return _DOTTED.fullmatch(value) is not None and turns <= len(value) / 6


def _kind(sign: str) -> str:
    return "digit" if sign.isdigit() else "upper" if sign.isupper() else "lower"


def in_basic(value: str) -> str:
    """Return the password of `user:password` in base64; empty when it is none."""
    try:
        told = base64.b64decode(value + "=" * (-len(value) % 4), validate=True).decode()
    except (ValueError, UnicodeDecodeError):
        return ""
    return told.partition(":")[2]


def is_public_jwt(value: str) -> bool:
    """Tell whether a JWT is no secret: of the role `anon`, of the documentation, or not signed.

    Sources: RFC 7519; Supabase's API keys, where `anon` is meant for browsers; jwt.io's example.
    """
    parts = value.split(".")
    if len(parts) != 3 or len(parts[2]) < 16:
        return True
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return False
    if not isinstance(claims, dict):
        return False
    return claims.get("role") == "anon" or claims.get("name") == "John Doe"


def _is_a_name(value: str) -> bool:
    """Tell words apart from letters by chance: no digit, and upper case only begins a word."""
    if any(sign.isdigit() for sign in value):
        return False
    if _NAMES.fullmatch(value) is None:
        return value.isalpha() or len(set(value)) < 8
    turns = sum(a.islower() and b.isupper() for a, b in pairwise(value))
    return turns < len(value) / 6
