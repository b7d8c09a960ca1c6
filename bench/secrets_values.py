"""What do secrets and their look-alikes look like, drawn by chance from pieces?

No format is written down whole: a scanner at a code host must not take this file for a leak.
"""

import base64
import json
import random
import string
import zlib

BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE64 = string.ascii_letters + string.digits + "+/"
URL_SAFE = string.ascii_letters + string.digits + "-_"
HEX = "0123456789abcdef"
DASHES = "-" * 5
WORDS = (
    "amber", "autumn", "badger", "basil", "birch", "brook", "candle", "cedar", "cobalt",
    "copper", "coral", "crane", "dapple", "delta", "ember", "falcon", "fennel", "ferry",
    "garnet", "glacier", "granite", "harbor", "hazel", "heron", "indigo", "juniper", "kestrel",
    "lantern", "larch", "lilac", "maple", "marble", "meadow", "nectar", "orchid", "otter",
    "pebble", "pepper", "quarry", "raven", "river", "saffron", "sorrel", "spruce", "summit",
    "thistle", "timber", "umber", "velvet", "walnut", "willow", "winter", "yarrow", "zephyr",
)  # fmt: skip

Chance = random.Random


def letters(chance: Chance, many: int, of: str = BASE62) -> str:
    """Return `many` signs of an alphabet, each by chance."""
    return "".join(chance.choice(of) for _ in range(many))


def hexadecimal(chance: Chance, many: int) -> str:
    """Return `many` hexadecimal digits."""
    return letters(chance, many, HEX)


def in_base64(chance: Chance, many: int) -> str:
    """Return that many random bytes in base64."""
    return base64.b64encode(chance.randbytes(many)).decode()


def uuid(chance: Chance) -> str:
    """Return a version 4 UUID."""
    told = hexadecimal(chance, 32)
    return f"{told[:8]}-{told[8:12]}-4{told[13:16]}-a{told[17:20]}-{told[20:]}"


def words(chance: Chance, many: int, between: str = " ") -> str:
    """Return that many plain words."""
    return between.join(chance.choice(WORDS) for _ in range(many))


def password(chance: Chance) -> str:
    """Return what a person or a generator would take: words with digits, or signs by chance."""
    kind = chance.randrange(4)
    if kind == 0:
        told = chance.choice(WORDS).capitalize() + chance.choice(WORDS).capitalize()
        return told + str(chance.randrange(10, 9999)) + chance.choice("!#*?")
    if kind == 1:
        return words(chance, 4, "-") + str(chance.randrange(10, 99))
    if kind == 2:
        return letters(chance, chance.randrange(12, 33))
    return letters(chance, chance.randrange(12, 21), BASE62 + "!%^*()_+-=")


def in_an_address(chance: Chance) -> str:
    """Return a password that needs no escapes in an address."""
    return letters(chance, chance.randrange(12, 25), BASE62 + "-_.!")


def aws_key_id(chance: Chance) -> str:
    """Return an AWS access key id."""
    return (
        chance.choice(("AK", "AS")) + "IA" + letters(chance, 16, string.ascii_uppercase + "234567")
    )


def github(chance: Chance) -> str:
    """Return a GitHub token; its last six signs are the checksum of the others."""
    body = letters(chance, 30)
    rest, told = zlib.crc32(body.encode()), ""
    for _ in range(6):
        rest, digit = divmod(rest, 62)
        told = BASE62[digit] + told
    return "gh" + chance.choice("pous") + "_" + body + told


def jwt(chance: Chance, **claims: object) -> str:
    """Return a signed token with these claims."""

    def part(told: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")

    head = part({"alg": "HS256", "typ": "JWT"})
    return f"{head}.{part(claims)}.{letters(chance, 43, URL_SAFE)}"


def service_role(chance: Chance, role: str = "service_role") -> str:
    """Return a Supabase key; that of the role `anon` is public."""
    ref = letters(chance, 20, string.ascii_lowercase)
    return jwt(chance, iss="supabase", ref=ref, role=role, iat=1700000000, exp=2015360000)


def pem(chance: Chance, kind: str, many: int = 1192, newline: str = "\n") -> str:
    """Return a PEM block of random bytes."""
    told = in_base64(chance, many)
    lines = [told[at : at + 64] for at in range(0, len(told), 64)]
    return newline.join((f"{DASHES}BEGIN {kind}{DASHES}", *lines, f"{DASHES}END {kind}{DASHES}"))
