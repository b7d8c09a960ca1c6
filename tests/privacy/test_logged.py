"""Which personal data stands in the lines of a log?"""

import pytest

from fairlead.errors import Refused
from fairlead.privacy.failing import Beside
from fairlead.privacy.inventory import Column
from fairlead.privacy.kind import Kind
from fairlead.privacy.logged import kinds_in, look, look_at
from fairlead.privacy.rules import judge
from fairlead.privacy.written import Newest
from privacy.a_database import declaring, inventory, table

HELD = {
    "login of ana@example.org and bo@example.org": {Kind.EMAIL: 2},
    '{"level":"error","event":{"user":"ana%40example.org"}}': {Kind.EMAIL: 1},
    "called +49 30 1234567": {Kind.PHONE: 1},
    "from 81.2.69.142:4711 and 2a00:1450:4001:81b::200e": {Kind.IP: 2},
    "paid from DE89370400440532013000.": {Kind.BANK: 1},
    "card 4111 1111 1111 1111, not 4111 1111 1111 1112": {Kind.BANK: 1},
    "authorization: Bearer 0123456789abcdefghij": {Kind.SESSION: 1},
    '{"access_token": "0123456789abcdefghij"}': {Kind.SESSION: 1},
    "as eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.sig": {Kind.SESSION: 1},
}
PLAIN = (
    "Listening on http://127.0.0.1:8101/ and 0.0.0.0:80, [::1]:8080",
    "at handler (file:///srv/functions/trust-score/handler.ts:12:34)",
    "2026-11-23T19:20:56.123456Z took 12.5 ms, sha 3772cf13c427",
    "release 1.2.3.4567, 10:20:30, deno 2.5.1, chunk 123456789012",
    "bearer token is missing; token: expired; csrf token=short",
    "order 4111-1111-1111-1112, at 20:10:00:15",
    "npm install left-pad@1.3.0 and user@localhost",
    "",
)  # fmt: skip


@pytest.mark.parametrize(("line", "counts"), HELD.items())
def test_a_line_is_told_by_kinds_and_counts(line: str, counts: dict[Kind, int]) -> None:
    assert dict(kinds_in(line)) == counts


@pytest.mark.parametrize("line", PLAIN)
def test_what_every_log_holds_is_nobodys(line: str) -> None:
    assert dict(kinds_in(line)) == {}


def test_a_log_is_summed_and_nothing_of_it_is_kept() -> None:
    seen = look("a.log", ["ana@example.org", "bo@example.org", "fine"], 5)
    assert (seen.lines, seen.counts, seen.left_out) == (3, ((Kind.EMAIL, 2),), 5)
    assert seen.first == ((Kind.EMAIL, 1),)
    assert "ana" not in repr(seen)


def test_a_line_without_an_end_is_looked_at_to_its_end() -> None:
    line = "\ufffd" * 50_000 + " ana@example.org " + "x" * 50_000 + ' "+49 30 1234567"'
    assert dict(look("a.log", [line]).counts) == {Kind.EMAIL: 1, Kind.PHONE: 1}


class Unreadable:
    name = "functions/score"

    def newest(self, most_bytes: int) -> Newest:
        raise Refused("the log functions/score cannot be read: Permission denied")


class Printed:
    name = "functions/score"

    def newest(self, most_bytes: int) -> Newest:
        return Newest(("ana@example.org",))


def test_what_cannot_be_read_is_unknown_and_another_release_does_not_count() -> None:
    unread, mine, other = look_at([(Unreadable(), ""), (Printed(), ""), (Printed(), "abc")])
    assert (unread.counts, unread.unknown.endswith("Permission denied")) == ((), True)
    found = inventory(table(Column("id", "int")))
    judged = judge(found, declaring(), Beside(logs=(unread, mine, other)))
    assert [one.place for one in judged.failures] == ["functions/score: an e-mail address"]
    assert [one.place.split(":")[0] for one in judged.notes] == ["functions/score of release abc"]
    assert judged.unknown == (unread.unknown,)


def test_a_very_long_line_takes_no_long_time() -> None:
    for sign in ("a", "1", "+1 ", "a.", "1.", "ab:", "DE89 ", "a@a."):
        look("a.log", [sign * 100_000])
