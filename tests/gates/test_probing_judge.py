"""Does every wrong answer of a function become a finding, and every missing one UNKNOWN?"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fairlead.gates.finding import Scan
from fairlead.gates.probing.answer import Answer, End
from fairlead.gates.probing.declared import Declarations, Declared
from fairlead.gates.probing.judge import Site, judge
from fairlead.gates.probing.probe import Probe, Question, probes
from fairlead.gates.probing.token import Kind, tokens

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
SITE = Site("127.0.0.1", "r1", is_local=True)
HEADERS = {"x-content-type-options": "nosniff", "cache-control": "no-store"}
OPEN = Declared("shop", every_call=False, needs_token=False)
CLOSED = Declared("desk", owner_call={"action": "list", "owner": "ana"})

Behaviour = Callable[[Probe], Answer]


def got(status: int, body: bytes = b"{}", **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(End.ANSWERED, 0.01, status, HEADERS | told, body, release="r1")


def public(probe: Probe) -> Answer:
    """Answer as a function should that anybody may call."""
    match probe.question:
        case Question.METHOD:
            return got(405)
        case Question.MALFORMED | Question.ODD:
            return got(400)
        case Question.OVERSIZED:
            return got(413)
        case _:
            return got(200)


def guarded(probe: Probe) -> Answer:
    """Answer as a function should that lets only signed-in people in, and owners to their own."""
    if probe.method == "OPTIONS":
        return got(204)
    if probe.token is not Kind.VALID and "authorization" not in probe.headers:
        return got(401)
    if probe.question is Question.OWNERSHIP:
        return got(403)
    if probe.question is Question.ACCESS:
        return got(200 if probe.token is Kind.VALID else 401)
    return public(probe)


def asked(one: Declared, behaves: Behaviour, secret: bytes | None = b"s" * 32) -> Scan:
    sent = probes(one, tokens(NOW, b"o" * 32, secret, {}))
    pairs = [(probe, behaves(probe)) for probe in sent]
    return judge(Declarations((one,)), {one.name: pairs}, SITE)


def rules(scan: Scan) -> set[str]:
    return {finding.rule for finding in scan.counted}


def but(usual: Behaviour, when: Callable[[Probe], bool], answer: Answer) -> Behaviour:
    return lambda probe: answer if when(probe) else usual(probe)


def about(question: Question) -> Callable[[Probe], bool]:
    return lambda probe: probe.question is question


def with_token(*kinds: Kind) -> Callable[[Probe], bool]:
    return lambda probe: probe.question is Question.ACCESS and probe.token in kinds


def test_a_function_that_keeps_its_word_is_clean() -> None:
    for one, behaves in ((OPEN, public), (CLOSED, guarded)):
        scan = asked(one, behaves)
        assert scan.is_clean, (scan.unknown, scan.findings)
        assert scan.findings == ()


def test_no_function_is_never_clean() -> None:
    scan = judge(Declarations(()), {}, SITE)
    assert "no function was found" in scan.unknown
    assert not scan.is_clean


def test_a_function_that_was_not_asked_is_unknown() -> None:
    assert not judge(Declarations((OPEN,)), {}, SITE).is_clean
    assert not asked(OPEN, lambda _: Answer(End.UNREACHED, 0)).is_clean


def test_answering_everybody_is_one_critical_finding_and_tokens_are_moot() -> None:
    scan = asked(CLOSED, but(guarded, about(Question.ACCESS), got(200)))
    (one,) = [each for each in scan.findings if each.rule == "api/no-authentication"]
    assert (one.severity.value, one.subject) == ("critical", "desk")
    assert "no token got 200" in one.sentence
    assert "verify_jwt = false" in one.help
    assert "API-Security" in one.link
    assert rules(scan) == {"api/no-authentication"}


def test_a_get_without_a_token_counts_where_the_platform_must_refuse_every_call() -> None:
    scan = asked(CLOSED, but(guarded, lambda probe: probe.method == "GET", got(200)))
    assert rules(scan) == {"api/no-authentication"}


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        (Kind.GARBAGE, "api/accepts-wrong-token"),
        (Kind.UNSIGNED, "api/accepts-wrong-token"),
        (Kind.FOREIGN, "api/accepts-wrong-token"),
        (Kind.FOREIGN_EXPIRED, "api/accepts-wrong-token"),
        (Kind.TAMPERED, "api/accepts-wrong-token"),
        (Kind.EXPIRED, "api/accepts-expired-token"),
    ],
)
def test_every_bad_token_that_is_taken_is_a_finding(kind: Kind, rule: str) -> None:
    scan = asked(CLOSED, but(guarded, with_token(kind), got(200)))
    assert rules(scan) == {rule}
    assert kind.value in scan.findings[0].sentence


def test_another_users_token_that_is_taken_is_a_finding() -> None:
    takes = but(guarded, lambda p: p.told == "another user's token", got(200))
    assert rules(asked(CLOSED, takes)) == {"api/accepts-another-user"}


def test_what_is_anothers_may_be_told_to_be_nowhere() -> None:
    assert asked(CLOSED, but(guarded, about(Question.OWNERSHIP), got(404))).is_clean


@pytest.mark.parametrize(
    ("question", "answer", "rule"),
    [
        (Question.METHOD, got(200), "api/wrong-method-accepted"),
        (Question.METHOD, got(500), "api/answers-5xx"),
        (Question.MALFORMED, got(500), "api/malformed-body-500"),
        (Question.ODD, got(502), "api/malformed-body-500"),
        (Question.MALFORMED, got(200), "api/malformed-body-accepted"),
        (Question.OVERSIZED, got(200), "api/oversized-body"),
        (Question.OVERSIZED, Answer(End.HUNG, 9), "api/hangs"),
        (Question.ODD, Answer(End.BROKE_OFF, 0), "api/breaks-off"),
        (Question.STILL_THERE, got(503), "api/answers-5xx"),
        (Question.ACCESS, Answer(End.NOT_TRUSTED, 0), "api/bad-certificate"),
    ],
)
def test_every_wrong_answer_of_a_public_function_is_a_finding(
    question: Question, answer: Answer, rule: str
) -> None:
    assert rules(asked(OPEN, but(public, about(question), answer))) == {rule}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (Question.METHOD, got(501)),
        (Question.OVERSIZED, Answer(End.BROKE_OFF, 0)),
        (Question.ODD, got(200)),
    ],
)
def test_every_way_of_refusing_is_fine(question: Question, answer: Answer) -> None:
    assert asked(OPEN, but(public, about(question), answer)).is_clean


def test_a_declared_method_is_not_asked() -> None:
    one = replace(OPEN, methods=OPEN.methods | {"PUT", "PATCH", "DELETE"})
    assert not [each for each in probes(one, {}) if each.question is Question.METHOD]


def test_failing_on_a_token_is_a_finding() -> None:
    scan = asked(CLOSED, but(guarded, with_token(Kind.GARBAGE), got(500)))
    assert rules(scan) == {"api/fails-on-token"}


@pytest.mark.parametrize(
    "body",
    [
        b"Error: no\n    at handle (index.ts:3:4)",
        b"Traceback (most recent call last):",
        b'{"error": "cannot open /home/ana/app/secret.txt"}',
        b"file:///srv/index.ts",
    ],
)
def test_an_error_that_tells_of_our_insides_is_a_finding_that_does_not(body: bytes) -> None:
    scan = asked(OPEN, but(public, about(Question.MALFORMED), got(400, body)))
    assert rules(scan) == {"api/error-tells-internals"}
    assert body.decode() not in repr(scan)


def test_plain_errors_tell_nothing() -> None:
    body = b'{"error": "action must be one of list, look at /docs/api, not 12:30"}'
    assert asked(OPEN, but(public, about(Question.MALFORMED), got(400, body))).is_clean


@pytest.mark.parametrize("echoes", [True, False])
def test_trusting_a_foreign_origin_with_credentials_is_a_finding(echoes: bool) -> None:
    def trusting(probe: Probe) -> Answer:
        origin = probe.headers.get("origin", "*") if echoes else "*"
        sent = {"access_control_allow_origin": origin, "access_control_allow_credentials": "true"}
        return got(200, b"", **sent) if probe.question is Question.ORIGIN else public(probe)

    assert rules(asked(OPEN, trusting)) == {"api/cors-any-origin-with-credentials"}


def test_a_foreign_origin_without_credentials_is_fine() -> None:
    answer = got(200, access_control_allow_origin="*")
    assert asked(OPEN, but(public, about(Question.ORIGIN), answer)).is_clean


def test_missing_headers_are_findings() -> None:
    bare = replace(got(200), headers={})
    assert rules(asked(OPEN, but(public, about(Question.ACCESS), bare))) == {
        "api/missing-header-x-content-type-options"
    }
    assert "api/missing-header-cache-control" in rules(
        asked(CLOSED, but(guarded, with_token(Kind.VALID), bare))
    )


def test_the_way_there_is_judged_where_it_is_a_network() -> None:
    pairs = [(probe, public(probe)) for probe in probes(OPEN, {})]

    def found(site: Site) -> set[str]:
        return rules(judge(Declarations((OPEN,)), {OPEN.name: pairs}, site))

    assert found(SITE) == set()
    assert found(Site("example.org", "r1")) == {"api/no-tls"}
    assert found(Site("example.org", "r1", is_tls=True, speaks_old_tls=True)) == {
        "api/old-tls",
        "api/missing-header-strict-transport-security",
    }


@pytest.mark.parametrize("status", [200, 401, 404])
def test_an_answer_of_another_release_proves_nothing(status: int) -> None:
    stranger = replace(got(status), release="r0")
    scan = asked(OPEN, lambda _: stranger)
    assert "was not answered by release r1" in scan.unknown
    assert scan.counted == ()


def test_an_error_of_the_edge_is_the_releases_own() -> None:
    lost = replace(got(503), release="")
    scan = asked(OPEN, but(public, about(Question.ODD), lost))
    assert rules(scan) == {"api/malformed-body-500"}


@pytest.mark.parametrize("status", [302, 400, 404, 429])
def test_neither_letting_in_nor_refusing_is_unknown(status: int) -> None:
    scan = asked(CLOSED, but(guarded, with_token(Kind.NONE), got(status)))
    assert f"answered {status} to no token" in scan.unknown
    assert "security.toml" in scan.unknown


def test_a_token_that_cannot_be_read_may_be_a_bad_request() -> None:
    assert asked(CLOSED, but(guarded, with_token(Kind.GARBAGE), got(400))).is_clean


def test_a_function_that_hung_too_often_is_unknown_too() -> None:
    scan = asked(OPEN, but(public, about(Question.ODD), Answer(End.NOT_ASKED, 0)))
    assert "asked no further" in scan.unknown


def test_without_the_secret_it_is_told_what_was_not_tried() -> None:
    scan = asked(CLOSED, guarded, secret=None)
    (note,) = scan.findings
    assert note.rule == "api/not-tried"
    assert "no expired token and no other user's was tried" in note.sentence
    assert "FAIRLEAD_JWT_SECRET_FILE" in note.help
    assert note.dismissed
    assert scan.is_clean


def test_a_secret_that_does_not_fit_proves_nothing_and_is_told() -> None:
    scan = asked(CLOSED, but(guarded, with_token(Kind.VALID), got(401)))
    (note,) = scan.findings
    assert "a valid token was refused too" in note.sentence


def test_without_an_owners_call_it_is_told_that_none_was_tried() -> None:
    scan = asked(replace(CLOSED, owner_call=None), guarded)
    assert ["no needs_owner" in note.sentence for note in scan.findings] == [True]


def test_no_token_is_shown_by_what_holds_it() -> None:
    made = tokens(NOW, b"o" * 32, b"s" * 32, {})
    shown = repr(probes(CLOSED, made))
    assert not [kind for kind, token in made.items() if token in shown]
