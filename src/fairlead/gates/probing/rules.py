"""Which mistakes of a function are looked for, how bad is each, and what mends it?"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairlead.gates.finding import Finding, Severity

_OWASP = "https://owasp.org/API-Security/editions/2023/en"
OWASP = f"{_OWASP}/0x11-t10/"
_AUTHORIZATION = f"{_OWASP}/0xa1-broken-object-level-authorization/"
_AUTHENTICATION = f"{_OWASP}/0xa2-broken-authentication/"
_CONSUMPTION = f"{_OWASP}/0xa4-unrestricted-resource-consumption/"
_MISCONFIGURATION = f"{_OWASP}/0xa8-security-misconfiguration/"
_JWT = "https://www.rfc-editor.org/rfc/rfc8725"


@dataclass(frozen=True, slots=True)
class Rule:
    """One mistake: `does` goes on from the function's name, `help` is what mends it."""

    name: str
    severity: Severity
    does: str
    help: str
    link: str


@dataclass(frozen=True, slots=True)
class Broken:
    """A function broke a rule; `seen` says how that was seen, without anything it answered."""

    rule: Rule
    function: str
    seen: str


def findings(broken: Iterable[Broken]) -> Iterator[Finding]:
    """Return one finding for each rule that each function broke, with all that was seen."""
    told: dict[tuple[str, Rule], list[str]] = {}
    for one in broken:
        told.setdefault((one.function, one.rule), []).append(one.seen)
    for (function, rule), seen in told.items():
        sentence = f"{function} {rule.does}: {'; '.join(dict.fromkeys(seen))}"
        yield Finding(
            f"api/{rule.name}",
            rule.severity,
            sentence,
            subject=function,
            help=rule.help,
            link=rule.link,
        )


NO_AUTHENTICATION = Rule(
    "no-authentication",
    Severity.CRITICAL,
    "lets callers in who are not signed in, though it is declared to need a token",
    "verify the token before anything else, or declare verify_jwt = false for it in "
    "supabase/config.toml if anybody may call it",
    _AUTHENTICATION,
)
WRONG_TOKEN = Rule(
    "accepts-wrong-token",
    Severity.CRITICAL,
    "lets callers in with a token that nobody issued",
    "verify the signature of every token with the key of your issuer, and allow only the "
    "algorithm that it signs with",
    _JWT,
)
EXPIRED_TOKEN = Rule(
    "accepts-expired-token",
    Severity.HIGH,
    "lets callers in with a token that has expired",
    "refuse a token whose exp is in the past, or missing",
    _JWT,
)
ANOTHER_USER = Rule(
    "accepts-another-user",
    Severity.CRITICAL,
    "does for anybody what only one person may ask for",
    "compare the token's sub with the owner of what is asked for, in the query itself",
    _AUTHORIZATION,
)
TOKEN_ERROR = Rule(
    "fails-on-token",
    Severity.MODERATE,
    "fails where it should refuse a caller",
    "catch what reading a token can raise, and answer 401",
    _AUTHENTICATION,
)
WRONG_METHOD = Rule(
    "wrong-method-accepted",
    Severity.MODERATE,
    "does something for methods that it does not declare",
    "answer 405 with an Allow header, or name the method in security.toml",
    "https://www.rfc-editor.org/rfc/rfc9110#section-15.5.6",
)
MALFORMED_ERROR = Rule(
    "malformed-body-500",
    Severity.MODERATE,
    "fails on a body that it should refuse",
    "check the body's shape before it is used, and answer 400",
    _MISCONFIGURATION,
)
MALFORMED_TAKEN = Rule(
    "malformed-body-accepted",
    Severity.LOW,
    "takes a body that cannot be read",
    "answer 400 when the body is no JSON in UTF-8",
    _MISCONFIGURATION,
)
OVERSIZED = Rule(
    "oversized-body",
    Severity.MODERATE,
    "takes a body of any size",
    "count the bytes while reading, stop at a limit of yours and answer 413",
    _CONSUMPTION,
)
ERROR = Rule(
    "answers-5xx",
    Severity.MODERATE,
    "fails instead of refusing",
    "look into its log for the error and answer 4xx for what the caller did wrong",
    _MISCONFIGURATION,
)
HANGS = Rule(
    "hangs",
    Severity.HIGH,
    "gives no whole answer in time",
    "give everything that it waits for a limit",
    _CONSUMPTION,
)
BREAKS_OFF = Rule(
    "breaks-off",
    Severity.HIGH,
    "breaks off instead of answering",
    "look into its log for why its process ended",
    _CONSUMPTION,
)
TELLS_INTERNALS = Rule(
    "error-tells-internals",
    Severity.MODERATE,
    "shows a stack trace or a path of its files to callers",
    "log the error and answer with a sentence of your own",
    _MISCONFIGURATION,
)
ORIGIN_TRUSTED = Rule(
    "cors-any-origin-with-credentials",
    Severity.HIGH,
    "lets pages of any origin call it with the credentials of whoever looks at them",
    "allow the origins of your own pages by name, or leave out Access-Control-Allow-Credentials",
    "https://fetch.spec.whatwg.org/#cors-protocol-and-credentials",
)
SNIFFED = Rule(
    "missing-header-x-content-type-options",
    Severity.LOW,
    "lets browsers guess the type of its answers",
    "answer with X-Content-Type-Options: nosniff",
    "https://cheatsheetseries.owasp.org/cheatsheets/REST_Security_Cheat_Sheet.html#security-headers",
)
STORED = Rule(
    "missing-header-cache-control",
    Severity.LOW,
    "lets caches keep what only signed-in callers may see",
    "answer with Cache-Control: no-store",
    "https://www.rfc-editor.org/rfc/rfc9111#section-5.2.2.5",
)
NO_HSTS = Rule(
    "missing-header-strict-transport-security",
    Severity.LOW,
    "does not tell browsers to stay with TLS",
    "answer with Strict-Transport-Security: max-age=31536000",
    "https://www.rfc-editor.org/rfc/rfc6797",
)
NO_TLS = Rule(
    "no-tls",
    Severity.HIGH,
    "is asked over a network without TLS, so that anybody on the way reads its tokens",
    "give its address as https://",
    "https://www.rfc-editor.org/rfc/rfc6750#section-5.3",
)
BAD_CERTIFICATE = Rule(
    "bad-certificate",
    Severity.HIGH,
    "shows a certificate that is not to be trusted",
    "install a certificate for its name by an authority that clients know, and renew it in time",
    "https://www.rfc-editor.org/rfc/rfc9525",
)
OLD_TLS = Rule(
    "old-tls",
    Severity.MODERATE,
    "still speaks TLS 1.0 or 1.1",
    "allow TLS 1.2 and later only",
    "https://www.rfc-editor.org/rfc/rfc8996",
)
