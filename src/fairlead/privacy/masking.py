"""What of a text must not be kept? Secrets, and addresses of people, where an error carries them.

Thousands of texts a second pass here: what cannot be in a text is not looked for.
"""

import math
import re
from functools import lru_cache
from itertools import islice
from typing import Any

from fairlead.privacy.shape import without_emails

HIDDEN = "[hidden]"
MOST_READ = 200_000
_LONG_NUMBER = 10**30
# So few letters and digits are a name.
_HARMLESS = 15
_LONGEST_NAME = 1_000
# Texts up to this length are remembered with whether they are harmless, in memory alone.
_LONGEST_KNOWN = 4_000
DEEPEST, MOST_KEYS, LONGEST_KEY, LONGEST_VALUE = 6, 50, 100, 1_000
_URL = re.compile(r"(\b[a-zA-Z][a-zA-Z0-9+.-]{1,20}://[^\s/:@]{0,100}):[^\s/]{1,300}@")
_BEARER = re.compile(r"\b(bearer|basic)(\s{1,3}|%20)[\w.~+/=-]{8,}", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:passwor[dt]|passwd|pwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|authorization|cookie|session[_-]?id|sentry_key)[\w-]{0,30}[\"']?\s{0,3}(?:[:=]|%3D)\s{0,3})"
    r"(\"[^\"\n]{1,500}\"|'[^'\n]{1,500}'|[^\s\"',;&)}\]\[]{3,})",
    re.IGNORECASE,
)
_FORMS = re.compile(
    r"\bfl_[\w-]{18,}"
    r"|\beyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"
    r"|\bAIza[\w-]{30,}"
    r"|\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|pk|rk|sbp|hf|npm|pypi)[_-][\w-]{16,}"
    r"|AGE-SECRET-KEY-1[A-Z0-9]{50,}"
    r"|-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.{0,20000}?(?:-----END [A-Z ]{0,40}KEY-----|$)",
    re.DOTALL,
)
# What each of these forms begins with: to look for these first takes a tenth of the time.
_FORM_MARKS = (
    "fl_", "eyJ", "AKIA", "ASIA", "AIza", "ghp", "gho", "ghu", "ghs", "ghr", "github_pat", "glpat",
    "xox", "sk_", "sk-", "pk_", "pk-", "rk_", "rk-", "sbp", "hf_", "hf-", "npm_", "npm-", "pypi",
    "AGE-SECRET", "-----BEGIN",
)  # fmt: skip
_NAME_MARKS = (
    "passw", "pwd", "passphrase", "secret", "token", "key", "authorization", "cookie", "session",
)  # fmt: skip
_SECRET_NAME = re.compile(
    r"passwor[dt]|passwd|\bpwd\b|passphrase|secret|token|api.?key|access.?key|private.?key"
    r"|authori[sz]ation|cookie|credential|session.?id",
    re.IGNORECASE,
)
_UNFIT = re.compile("[\x00\ud800-\udfff]")


def text(told: str, longest: int) -> str:
    """Return a text without secrets and e-mail addresses; of one too long, both ends.

    It is masked before it is shortened: of a secret that is cut in two, the end is not known.
    """
    if len(told) <= _HARMLESS and told.isascii() and told.isalnum():
        return told
    return readable(shortened(masked(told[:MOST_READ]), longest))


def masked(told: str) -> str:
    """Return the text with secrets and e-mail addresses hidden.

    Hidden are passwords in addresses and after their names, bearer tokens, keys of known forms.
    """
    # The same stack comes again and again, above another message.
    above, below, last = told.rpartition("\n")
    if below and len(above) <= _LONGEST_KNOWN and _is_harmless(above) and not _may_hold(last):
        return told
    return _masked(told)


@lru_cache(512)
def _is_harmless(told: str) -> bool:
    return not _may_hold(told)


def _may_hold(told: str) -> bool:
    """Tell whether anything stands in a text that is looked for; it never spans two lines."""
    if "@" in told or "%40" in told or _has(told, _FORM_MARKS):
        return True
    low = told.lower()
    return "bearer" in low or "basic" in low or _has(low, _NAME_MARKS)


def _masked(told: str) -> str:
    if "://" in told and "@" in told:
        told = _URL.sub(rf"\1:{HIDDEN}@", told)
    low = told.lower()
    if "bearer" in low or "basic" in low:
        told = _BEARER.sub(rf"\1\2{HIDDEN}", told)
    if _has(told, _FORM_MARKS):
        told = _FORMS.sub(HIDDEN, told)
    if _has(low, _NAME_MARKS):
        told = _NAMED.sub(_hide_value, told)
    return without_emails(told, HIDDEN)


def data(value: Any, depth: int = 0) -> Any:
    """Return what was read from JSON masked, bounded, and such that any parser of JSON takes it."""
    if isinstance(value, dict | list):
        return "…" if depth >= DEEPEST else _inner(value, depth + 1)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, int) and abs(value) >= _LONG_NUMBER:
        return "a long number"
    return text(value, LONGEST_VALUE) if isinstance(value, str) else value


def shortened(told: str, longest: int) -> str:
    """Return both ends of a text that is too long, since either may say what it is about."""
    if len(told) <= longest:
        return told
    half = longest // 2 - 1
    return f"{told[:half]}…{told[-half:]}"


def readable(told: str) -> str:
    """Return the text without NUL and halves of characters, which no database holds."""
    if told.isascii() and "\x00" not in told:
        return told
    return _UNFIT.sub("�", told)


def _inner(value: dict[str, Any] | list[Any], depth: int) -> Any:
    if isinstance(value, list):
        return [data(inner, depth) for inner in value[:MOST_KEYS]]
    told = {}
    for key, inner in islice(value.items(), MOST_KEYS):
        name, is_secret = _key(key[:_LONGEST_NAME])
        told[name] = HIDDEN if is_secret and inner else data(inner, depth)
    return told


@lru_cache(1024)
def _key(key: str) -> tuple[str, bool]:
    """Return a key as it is kept, and whether what stands under it is a secret."""
    return text(key, LONGEST_KEY), bool(_SECRET_NAME.search(key[:LONGEST_KEY]))


def _has(told: str, marks: tuple[str, ...]) -> bool:
    for mark in marks:  # noqa: SIM110 - twice as quick as any(), a thousand times a second
        if mark in told:
            return True
    return False


def _hide_value(found: re.Match[str]) -> str:
    return found[1] + HIDDEN
