"""Is a function as safe as it is declared? Its answers to all probes decide, and silence is none.

Rules and remedies: OWASP API Security Top 10 2023.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from fairlead.gates.finding import Finding, Scan, Severity
from fairlead.gates.probing import rules
from fairlead.gates.probing.answer import Answer, End
from fairlead.gates.probing.declared import Declarations, Declared
from fairlead.gates.probing.probe import Probe, Question
from fairlead.gates.probing.rules import Broken, Rule
from fairlead.gates.probing.token import GIVE_KEY, Kind

TOOL = "fairlead api security"
_NOT_IMPLEMENTED = 501
# A frame of JavaScript, Python or Java; a file of this machine.
_INTERNALS = re.compile(
    rb"\n\s+at \S|Traceback \(most recent|\.(?:ts|js|py|java):\d+"
    rb"|file:///|(?<![\w/])/(?:home|root|usr|var|opt|tmp|srv|app|Users)/[\w.-]+/"
)
_KEYLESS = "the gate was not given the secret that tokens are signed with"
_TOKEN_RULES = {
    Kind.NONE: rules.NO_AUTHENTICATION,
    Kind.EXPIRED: rules.EXPIRED_TOKEN,
}
_MOOT = (rules.WRONG_TOKEN, rules.EXPIRED_TOKEN)

Asked = Sequence[tuple[Probe, Answer]]


@dataclass(frozen=True, slots=True)
class Site:
    """Where the functions were asked: the release that was meant, and how the way there is.

    `is_local` says that nothing leaves this machine; `speaks_old_tls` that it took TLS 1.1 or less.
    """

    host: str
    release: str
    is_tls: bool = False
    is_local: bool = False
    speaks_old_tls: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the answers of one function come to; `unknown` says what could not be judged."""

    broken: tuple[Broken, ...] = ()
    unknown: tuple[str, ...] = ()
    not_tried: tuple[str, ...] = ()


def judge(declared: Declarations, asked: Mapping[str, Asked], site: Site) -> Scan:
    """Return what the answers of all functions come to.

    `asked` holds every probe and its answer by the function's name. No function is UNKNOWN, and so
    is one that was not asked, did not answer, or whose answers are another release's.
    """
    judged = {one.name: function(one, asked.get(one.name, ()), site) for one in declared.functions}
    broken = [Broken(rule, site.host, "its address") for rule in _transport(site)]
    broken += [each for one in judged.values() for each in one.broken]
    unknown = [each for one in judged.values() for each in one.unknown]
    if not declared.functions:
        unknown = ["no function was found, so nothing was asked: each is a folder with an index.ts"]
    notes = [_note("api/undeclared", "", declared.told)] if declared.told else []
    notes += [
        _note("api/not-tried", name, told) for name, one in judged.items() for told in one.not_tried
    ]
    found = (*rules.findings(broken), *notes)
    return Scan(TOOL, "", rules.OWASP, found, "; ".join(unknown))


def function(one: Declared, asked: Asked, site: Site) -> Judged:
    """Return what the answers of one function come to."""
    if not asked or asked[0][1].end is End.UNREACHED:
        return Judged(unknown=(f"{one.name} could not be reached, so nothing was asked of it",))
    unknown = tuple(dict.fromkeys(_unknown(one, asked, site.release)))
    theirs = [pair for pair in asked if _is_theirs(pair[1], site.release)]
    broken = [each for probe, answer in theirs for each in _broken(one, probe, answer)]
    broken += _missing_headers(one, [answer for _, answer in theirs], is_tls=site.is_tls)
    if any(each.rule is rules.NO_AUTHENTICATION for each in broken):
        # Who lets everybody in looks at no token.
        broken = [each for each in broken if each.rule not in _MOOT]
    return Judged(tuple(broken), unknown, tuple(_not_tried(one, theirs)))


def _transport(site: Site) -> Iterator[Rule]:
    if not (site.is_tls or site.is_local):
        yield rules.NO_TLS
    if site.speaks_old_tls:
        yield rules.OLD_TLS


def _is_theirs(answer: Answer, release: str) -> bool:
    """Tell whether what happened is this release's doing: the edge's own errors tell of it too."""
    return answer.end is not End.ANSWERED or answer.release == release or answer.status >= 500


def _unknown(one: Declared, asked: Asked, release: str) -> Iterator[str]:
    for probe, answer in asked:
        if answer.end is End.UNREACHED:
            yield f"{one.name} was no longer reached after it had answered"
        elif answer.end is End.NOT_ASKED:
            yield f"{one.name} {answer.end.value}"
        elif not _is_theirs(answer, release):
            yield f"{one.name} was not answered by release {release}: it may not be deployed there"
        elif probe.question is Question.ACCESS and _says_nothing(one, probe, answer):
            yield (
                f"{one.name} answered {answer.status} to {probe.told}, neither letting the caller "
                "in nor refusing it: name a call that needs a token in security.toml"
            )
        elif probe.question is Question.OWNERSHIP and _is_undecided(answer, owned=True):
            yield (
                f"{one.name} answered {answer.status} to {probe.told}, so whether only its owner "
                "may ask is not known: correct needs_owner in security.toml"
            )


def _says_nothing(one: Declared, probe: Probe, answer: Answer) -> bool:
    if not one.needs_token or probe.token is Kind.VALID:
        return False
    return _is_undecided(answer, owned=False) and not (
        # RFC 6750 lets a token that cannot be read be answered with 400.
        (probe.token is not Kind.NONE and answer.status == 400)
        or (probe.method == "GET" and answer.status == 405)
    )


def _is_undecided(answer: Answer, *, owned: bool) -> bool:
    # What is another's may also be told to be nowhere.
    hidden = owned and answer.status == 404
    return answer.status < 500 and not (answer.is_success or answer.is_refusal or hidden)


def _broken(one: Declared, probe: Probe, answer: Answer) -> Iterator[Broken]:
    found = list(_rules(one, probe, answer))
    if answer.status >= 400 and _INTERNALS.search(answer.body):
        found.append(rules.TELLS_INTERNALS)
    told = f" got {answer.status}" if answer.end is End.ANSWERED else ""
    for rule in found:
        yield Broken(rule, one.name, f"{probe.told}{told}")


def _rules(one: Declared, probe: Probe, answer: Answer) -> Iterator[Rule]:
    match answer.end:
        case End.HUNG:
            yield rules.HANGS
        case End.BROKE_OFF if probe.question is not Question.OVERSIZED:
            yield rules.BREAKS_OFF
        case End.NOT_TRUSTED:
            yield rules.BAD_CERTIFICATE
        case End.ANSWERED if answer.status >= 500:
            if probe.question is not Question.METHOD or answer.status != _NOT_IMPLEMENTED:
                yield _failed(probe)
        case End.ANSWERED if probe.question is Question.ORIGIN:
            if _trusts(probe, answer):
                yield rules.ORIGIN_TRUSTED
        case End.ANSWERED if answer.is_success:
            if (rule := _let_in(one, probe)) is not None:
                yield rule
        case _:
            pass


def _failed(probe: Probe) -> Rule:
    match probe.question:
        case Question.MALFORMED | Question.ODD:
            return rules.MALFORMED_ERROR
        case Question.ACCESS | Question.OWNERSHIP if probe.token is not Kind.NONE:
            return rules.TOKEN_ERROR
        case _:
            return rules.ERROR


def _let_in(one: Declared, probe: Probe) -> Rule | None:
    """Return the rule that is broken by doing what the probe asked."""
    match probe.question:
        case Question.ACCESS if one.needs_token and probe.token is not Kind.VALID:
            return _TOKEN_RULES.get(probe.token, rules.WRONG_TOKEN)
        case Question.OWNERSHIP:
            return rules.ANOTHER_USER
        case Question.METHOD:
            return rules.WRONG_METHOD
        case Question.MALFORMED:
            return rules.MALFORMED_TAKEN
        case Question.OVERSIZED:
            return rules.OVERSIZED
        case _:
            return None


def _trusts(probe: Probe, answer: Answer) -> bool:
    allowed = answer.headers.get("access-control-allow-origin", "")
    with_credentials = answer.headers.get("access-control-allow-credentials", "").lower() == "true"
    return with_credentials and allowed in ("*", probe.headers["origin"])


def _missing_headers(one: Declared, answers: Sequence[Answer], *, is_tls: bool) -> Iterator[Broken]:
    for answer in answers:
        if not 0 < answer.status < 500:
            continue
        told, headers = f"an answer of {answer.status}", answer.headers
        if headers.get("x-content-type-options", "").lower() != "nosniff":
            yield Broken(rules.SNIFFED, one.name, told)
        if one.needs_token and answer.is_success and "no-store" not in _kept(answer):
            yield Broken(rules.STORED, one.name, told)
        if is_tls and "max-age" not in headers.get("strict-transport-security", ""):
            yield Broken(rules.NO_HSTS, one.name, told)


def _kept(answer: Answer) -> str:
    return answer.headers.get("cache-control", "").lower()


def _not_tried(one: Declared, asked: Asked) -> Iterator[str]:
    """Tell what was left out, so that nobody takes it for proven."""
    if not one.needs_token:
        return
    tried = [answer for probe, answer in asked if probe.token is Kind.VALID]
    if not tried:
        yield f"{one.name}: no expired token and no other user's was tried, since {_KEYLESS}"
    elif not any(answer.is_success for probe, answer in asked if _is_control(probe)):
        yield (
            f"{one.name}: a valid token was refused too, so refusing an expired one or another "
            "user's proves nothing: correct the secret, or the claims in security.toml"
        )
    elif one.owner_call is None:
        yield f"{one.name}: no other user's token was tried, since no needs_owner is declared"


def _is_control(probe: Probe) -> bool:
    return probe.question is Question.ACCESS and probe.token is Kind.VALID


def _note(rule: str, subject: str, sentence: str) -> Finding:
    return Finding(
        rule,
        Severity.NOTE,
        sentence,
        subject=subject,
        help=GIVE_KEY if _KEYLESS in sentence else "",
        dismissed="it tells what was not looked at",
    )
