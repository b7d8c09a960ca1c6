"""Which values does the text around them call secret: a name, an address, a header?

Every pattern begins at a fixed word and repeats only within bounds and without going back, so that
its time grows with the text and not with its square.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from fairlead.providers.scanners.secrets import value as values


@dataclass(frozen=True, slots=True)
class Hit:
    """A secret from `start` to `end` (bytes) of a window; `name` says where its name lies."""

    rule: str
    start: int
    end: int
    name: tuple[int, int] = (0, 0)


_LONGEST_NAME = 60
# Looked for one by one in lower case: much quicker than one pattern of them all.
_STEMS = (b"pass", b"pwd", b"secret", b"token", b"credential", b"key")
_PASS = re.compile(rb"pass(?:w|phrase|code|(?![a-z0-9_-]))")
_KEY = re.compile(
    rb"(?:api|access|private|secret|signing|encryption|app|auth|account|master|shared|stripe|webhook"
    rb"|service|jwt|session)[_-]?key\Z"
)
# From the stem on: the rest of the name, what ends it, what gives it its value, and that value.
_GIVEN = re.compile(
    rb"(?P<rest>[\w.-]{0,40}+)(?P<close>[\"'`]?\]?[ \t]{0,8})"
    rb"(?P<by>(?:\?|!)?:[ \t]{0,4}[A-Za-z]{1,20}[ \t]{0,4}=(?!=)|:=|=>|=(?![=>])|:(?!:)|,|>"
    rb"|(?<=[A-Z_])[ \t]|(?<=requirepass)[ \t])[ \t]{0,8}"
    rb"(?:[brfuBRFU@]{0,2}(?P<quote>[\"'`])"
    rb"(?P<quoted>[^\"'`\r\n]{1,600}+)(?P=quote)"
    rb"|(?=[^\s\"'`,;<>|&(){}\[\]0-9]{0,600}+[0-9])"
    rb"(?P<bare>[^\s\"'`,;<>|&(){}\[\]]{1,600}+)"
    rb"(?P<after>[ \t]{0,8}(?:[\r\n]|\Z|[;<,'\"]|\\\n| [^ =]))?)"
)
_LEFT = re.compile(rb"[\w.$-]*\Z")
# Names that tell about a secret and are none.
_ABOUT = re.compile(
    r"(?:id|ids|name|names|url|uri|path|file|type|field|header|label|length|len|count|size|expir\w*"
    r"|ttl|age|hint|policy|placeholder|text|title|message|error|regex|pattern|prefix|suffix|hash|algorithm"
    r"|limit|version|provider|endpoint|host|user|username|email|ref|arn|dir|class|icon|input|salt_?rounds"
    r"|min|max|at|by|reset|required|description|format|kind|status|scope|param|parameter|column|table)s?$",
    re.IGNORECASE,
)
_PUBLIC = re.compile(
    r"public|(?:next|page|pagination|continuation|request|idempotency|sync|update)_?token"
    r"|csrf|xsrf|cancel|token_?iz|anon_?key|publishable|site_?key",
    re.IGNORECASE,
)
_PASSWORD = re.compile(r"pass|pwd", re.IGNORECASE)
_ADDRESS = re.compile(
    rb"(?P<user>[^\s/:,@\"'`<>(){}]{0,100}+):(?P<password>[^\s/@\"'`<>]{3,200}+)"
    rb"@(?P<host>[^\s/:@\"'`<>]{1,200}+)"
)
_HERE = re.compile(
    rb"localhost|127\.|0\.0\.0\.0|\[?::1|host\Z|(?:[\w-]+\.)*(?:example\.(?:com|org)|test|invalid)\Z",
    re.IGNORECASE,
)
_HEADER = re.compile(
    rb"[\"'\]]{0,2}[ \t]{0,4}[:=,][ \t]{0,4}[\"'`]?(?P<kind>basic|bearer|token)[ \t]{1,4}"
    rb"(?P<value>[\w.~+/=-]{8,4000}+)",
    re.IGNORECASE,
)
_ENV_FILE = re.compile(
    r"(?:^|/)(?:[\w-]+)?\.env(?:\.(?!example|sample|template|dist|test)[\w.-]+)?$"
)
_ENV_LINE = re.compile(
    rb"^[ \t]{0,8}(?:export[ \t])?(?P<name>[A-Za-z_]\w{0,59}+)[ \t]?=[ \t]?[\"']?"
    rb"(?P<value>[^\s\"'#]{24,512}+)",
    re.MULTILINE,
)
_NOT_BY_CHANCE = re.compile(
    r"sha|commit|digest|checksum|revision|version|build|url|uri|host", re.IGNORECASE
)
_HOOKS = {
    b"hooks.slack.com/": re.compile(
        rb"(?:services|workflows|triggers)/[A-Z0-9]{6,14}/[A-Z0-9]{6,14}/[A-Za-z0-9/]{16,80}"
    ),
    b"discord.com/api/webhooks/": re.compile(rb"\d{15,22}/[\w-]{60,90}"),
    b"discordapp.com/api/webhooks/": re.compile(rb"\d{15,22}/[\w-]{60,90}"),
    b".webhook.office.com/webhookb2/": re.compile(rb"[\w@/-]{60,300}"),
}


def is_env(file: str) -> bool:
    """Tell whether a file holds the environment of a program, and not an example of one."""
    return _ENV_FILE.search(file) is not None


def hits(window: bytes, *, is_env: bool) -> Iterator[Hit]:
    """Yield what the text of a window calls a secret; a place may be told by several rules.

    In an environment file every value that was drawn by chance is one.
    """
    lower = window.lower()
    yield from _assigned(window, lower)
    yield from _addresses(window)
    yield from _headers(window, lower)
    yield from _hooks(window)
    if is_env:
        yield from _lines_by_chance(window)


def _assigned(window: bytes, lower: bytes) -> Iterator[Hit]:
    for stem in _STEMS:
        for at in _ends(lower, stem):
            if not _begins_a_name(lower, at - len(stem), at, stem):
                continue
            if (given := _GIVEN.match(window, at)) is None:
                continue
            start = at - len(stem) - _before(window, at - len(stem))
            name = (start, given.end("rest"))
            span = given.span("quoted") if given["quoted"] else given.span("bare")
            told = _text(window[slice(*name)])
            if _is_secret(told, given):
                yield Hit("password" if _PASSWORD.search(told) else "key", *span, name)


def _ends(text: bytes, word: bytes) -> Iterator[int]:
    at = text.find(word)
    while at >= 0:
        yield at + len(word)
        at = text.find(word, at + len(word))


def _begins_a_name(lower: bytes, start: int, end: int, stem: bytes) -> bool:
    if stem == b"pass":
        return _PASS.match(lower, start) is not None
    return stem != b"key" or _KEY.search(lower[max(0, start - 12) : end]) is not None


def _is_secret(name: str, given: "re.Match[bytes]") -> bool:
    if _is_about(name) or _PUBLIC.search(name):
        return False
    told = _text(given["quoted"] or given["bare"]).removeprefix("base64:")
    if given["quoted"] is None:
        is_whole = given["after"] is not None and not values.is_expression(told)
        # A blank gives a value in a Dockerfile and in redis.conf, a comma only to what is quoted.
        if not is_whole or given["by"] == b"," or not (given["by"].strip() or _by_blank(name)):
            return False
    elif not given["by"].strip() or (given["by"] == b"," and not values.is_by_chance(told)):
        return False
    if _PASSWORD.search(name):
        return values.is_password(told)
    return values.is_key(told) and not ("token" in name.lower() and values.is_uuid(told))


def _by_blank(name: str) -> bool:
    return name.isupper() or name == "requirepass"


def _before(window: bytes, at: int) -> int:
    left = _LEFT.search(window[max(0, at - _LONGEST_NAME) : at])
    return len(left[0]) if left else 0


def _addresses(window: bytes) -> Iterator[Hit]:
    for at in _ends(window, b"://"):
        if (found := _ADDRESS.match(window, at)) and _is_way_in(found):
            yield Hit("password-in-address", *found.span("password"))


def _is_way_in(found: "re.Match[bytes]") -> bool:
    password = unquote(_text(found["password"]))
    if _HERE.match(found["host"]):
        return values.is_key(password)
    return values.is_password(password) and password != _text(found["user"])


def _headers(window: bytes, lower: bytes) -> Iterator[Hit]:
    for at in _ends(lower, b"authorization"):
        if (found := _HEADER.match(window, at)) is None:
            continue
        told = _text(found["value"])
        if found["kind"].lower() == b"basic":
            is_secret = values.is_password(values.in_basic(told))
        elif told.startswith("ey"):
            is_secret = not values.is_public_jwt(told)
        else:
            is_secret = values.is_key(told)
        if is_secret:
            yield Hit("authorization-header", *found.span("value"))


def _hooks(window: bytes) -> Iterator[Hit]:
    for place, rest in _HOOKS.items():
        for at in _ends(window, place):
            if found := rest.match(window, at):
                yield Hit("webhook", *found.span())


def _lines_by_chance(window: bytes) -> Iterator[Hit]:
    for line in _ENV_LINE.finditer(window):
        name, value = _text(line["name"]), _text(line["value"])
        by_chance = values.is_by_chance(value.removeprefix("base64:"))
        if by_chance and not (_NOT_BY_CHANCE.search(name) or _is_about(name)):
            yield Hit("value-by-chance", *line.span("value"), line.span("name"))


def _is_about(name: str) -> bool:
    last = re.split(r"[._-]|(?<=[a-z0-9])(?=[A-Z])", name)[-1]
    return _ABOUT.fullmatch(last) is not None


def _text(told: bytes) -> str:
    return told.decode("utf-8", "replace")
