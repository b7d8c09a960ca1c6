"""What does `gdpr-compliance` prove, export and erase, and what stays for which reason?"""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from fairlead.access.person import Person
from fairlead.access.role import Role
from fairlead.analysis.verdict import Verdict
from fairlead.api.functions.door import FUNCTIONS
from fairlead.commands import people
from fairlead.journal.chain import first_break
from fairlead.privacy.own_data import HOLDINGS, NOT_PERSONAL, Fate
from fairlead.privacy.report import Deployment, nothing_seen
from fairlead.store import gate_results, journal
from fairlead.store.database import Tx, many, one
from fairlead.store.gate_results import GateResult
from functions.stand import Functions

NAME = "gdpr-compliance"
STAYS = {holding.table for holding in HOLDINGS if holding.fate is Fate.STAYS}
# Who wrote and submitted what is live, and somebody whose names have hers in them.
EMAIL, ACCOUNT, AUTHOR = "ana@example.org", "ana", "Ana Author"
MARIA = Person("ana-maria", "maria.ana@example.org", Role.APPROVER)
SAYS = f"{ACCOUNT} wants it ({AUTHOR} <{EMAIL}>), {MARIA.name} does not"
LEFT = f"{{0}} wants it ({{0}} <{{0}}@erased.invalid>), {MARIA.name} does not"
SEED = [
    "UPDATE stages SET because = %(says)s",
    "UPDATE rollouts SET because = %(says)s, finding = %(found)s",
    "UPDATE runs SET because = %(says)s, repository = '/home/ana/shop', "
    "spec = jsonb_set(spec, '{tell}', '\"ana@example.org\"')",
    "INSERT INTO gate_results SELECT run, index, 'unit', 'passed', 0, %(says)s, NULL, NULL, now() "
    "FROM stages LIMIT 1",
    "INSERT INTO approvals SELECT id, 'live', '', 'approved', 'ana', %(says)s, now() FROM runs",
    "INSERT INTO approvals SELECT id, 'other', '', 'approved', 'ana-maria', 'fine', now() "
    "FROM runs",
    "INSERT INTO intentions (run, kind, person, reason, at) "
    "SELECT id, 'stop', 'ana', %(says)s, now() FROM runs",
    "INSERT INTO tokens VALUES ('1', 'ana-maria', %(says)s, now())",
    "INSERT INTO error_groups VALUES ('a', 'live', 'f', 'c', 'error', %(says)s, 1, now(), '', "
    "now(), '', now(), 'ana')",
    "INSERT INTO error_events VALUES ('a', 'live', gen_random_uuid(), 'f', '', 'c', 'error', "
    "now(), %(says)s, %(says)s, %(json)s)",
    "INSERT INTO error_keys (digest, app, environment, made_by, made_at) "
    "VALUES ('d', 'a', 'live', 'ana', now())",
    "INSERT INTO outbox (effect, at, channel, secret, subject, body, due_at, last_error) "
    "VALUES ('e', now(), 'mail', 'hook', %(says)s, %(json)s, now(), %(says)s)",
    "INSERT INTO watch_actions VALUES ('a', 'live', 'r', now(), '', %(says)s)",
    "INSERT INTO deployment_audit (deployment_id, environment, deployment_type, deployment_status, "
    "deployed_by, rollback_reason, started_at, app, run, release) "
    "VALUES ('x', 'live', 'backend', 'rolled_back', 'ana', %(says)s, now(), 'a', '', '')",
]


@pytest.fixture
def known(functions: Functions) -> Functions:
    """Return a house that knows the person wherever anybody may be known."""
    desk = functions.loop.desk()
    admin = Person("ada", "ada@example.org", Role.ADMIN)
    people.save(desk, admin, Person(ACCOUNT, EMAIL, Role.DEPLOYER))
    people.save(desk, admin, MARIA)
    body = json.dumps({"because": SAYS, EMAIL: [SAYS]})
    found = json.dumps({"verdict": Verdict.HEALTHY, "because": SAYS})
    with functions.loop.house.database.begin() as tx:
        for statement in SEED:
            tx.execute(statement, {"says": SAYS, "json": body, "found": found})
    return functions


def as_admin(functions: Functions, action: str, **asked: Any) -> Any:
    answer = functions.post(NAME, {"action": action} | asked, token=functions.token_of("admin"))
    assert (answer.status_code, answer.json()["success"]) == (200, True), answer.text
    return answer.json()["result"]


def erase(functions: Functions, **asked: Any) -> Any:
    return as_admin(functions, "erase_subject", confirm="erase", **asked)


def everything(functions: Functions) -> dict[str, str]:
    """Return all that our tables hold, as text, but what names somebody else."""
    with functions.loop.house.database.begin() as tx:
        return {name: _whole(tx, name).replace(MARIA.email, "").replace(MARIA.name, "")
                for name in _columns(tx)}  # fmt: skip


def _whole(tx: Tx, table: str) -> str:
    if table == "alembic_version":
        return ""
    rows = many(tx, f"SELECT to_jsonb(t)::text AS told FROM {table} t")
    return "\n".join(row["told"] for row in rows)


def _columns(tx: Tx) -> dict[str, set[str]]:
    """Return the columns that can hold words, by table."""
    rows = many(
        tx,
        "SELECT c.relname, array_agg(a.attname::text) AS columns FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
        "WHERE c.relnamespace = 'fairlead'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype, "
        "'json'::regtype, 'text[]'::regtype, 'bpchar'::regtype, 'name'::regtype) GROUP BY 1",
    )
    return {row["relname"]: set(row["columns"]) for row in rows}


def intact(functions: Functions) -> bool:
    with functions.loop.house.database.begin() as tx:
        return first_break(journal.whole_chain(tx)) is None


def test_every_column_of_ours_that_holds_words_is_declared(functions: Functions) -> None:
    declared = {table: set(names.split()) for table, names in NOT_PERSONAL.items()}
    for holding in HOLDINGS:
        assert declared.setdefault(holding.table, set()).isdisjoint(holding.columns)
        declared[holding.table] |= set(holding.columns)
    with functions.loop.house.database.begin() as tx:
        there = _columns(tx)
        shown = {h.table: set(h.shown) for h in HOLDINGS}
        for table, names in shown.items():
            tx.execute(f"SELECT {', '.join(names)} FROM {table} LIMIT 0")
    assert declared == there, "say in privacy/own_data.py whether a column may be personal"


def test_only_an_admin_may_export_or_erase_and_nobody_by_accident(known: Functions) -> None:
    for action in FUNCTIONS[NAME]:
        assert known.post(NAME, {"action": action}, token="").status_code == 401
    before = everything(known)
    for action in ("export_subject", "erase_subject"):
        asked = {"action": action, "email": EMAIL, "confirm": "erase"}
        assert known.post(NAME, asked).status_code == 403
        assert known.post(NAME, asked, token=known.token_of("approver")).status_code == 403
    admin = known.token_of("admin")
    for body in ({"email": EMAIL}, {"confirm": "erase"}, {"email": EMAIL, "confirm": "yes"}):
        answer = known.post(NAME, {"action": "erase_subject"} | body, token=admin)
        assert (answer.status_code, answer.json()["success"]) == (422, False)
    after = everything(known)
    assert {t for t in before if before[t] != after[t]} <= {"people", "tokens", "journal"}
    assert EMAIL in after["people"]


def test_all_that_is_held_of_a_person_is_exported_with_why(known: Functions) -> None:
    told = as_admin(known, "export_subject", email=EMAIL.upper())
    assert told["subject"]["accounts"] == [ACCOUNT]
    assert AUTHOR in told["subject"]["names"]
    held = {one["table"]: one for one in told["held"]}
    assert held.keys() == {holding.table for holding in HOLDINGS}
    for holding in HOLDINGS:
        rows = held[holding.table]["rows"]
        found = {name for row in rows for name in row} - set(holding.shown)
        assert found >= set(holding.columns) - {"git_branch", "error_message",
                                                "health_check_results", "data"}  # fmt: skip
        assert all(held[holding.table][word] for word in ("purpose", "legal_basis", "retention"))
    assert [row["name"] for row in held["people"]["rows"]] == [ACCOUNT]
    assert held["runs"]["rows"][0]["commit"]["author_email"] == EMAIL
    assert held["releases"]["rows"][0]["manifest"]["author_name"] == AUTHOR
    assert "digest" not in held["tokens"]["rows"][0]
    assert told["not_looked_at"]
    with known.loop.house.database.begin() as tx:
        entry = journal.newest(tx, "", "", 1)[0].event
    assert entry.kind == "subject.exported"
    assert EMAIL not in str(entry)
    assert as_admin(known, "export_subject", email="nobody@example.org")["held"] == []


@pytest.mark.parametrize("asked", [{"email": EMAIL}, {"name": ACCOUNT}, {"name": AUTHOR}])
def test_nothing_of_an_erased_person_is_left_where_it_may_not_be(
    known: Functions, asked: dict[str, str]
) -> None:
    known.token_of("admin")
    before = everything(known)
    told = erase(known, **asked)
    now = told["pseudonym"]
    after = everything(known)
    for table, text in after.items():
        if table not in STAYS:
            left = re.search(r"(?<![a-z]).{0,40}\bana\b.{0,40}", text, re.IGNORECASE)
            assert left is None, f"{table}: {left}"
    for holding in HOLDINGS:
        if holding.fate is Fate.PSEUDONYMISED:
            assert now in after[holding.table], holding.table
            assert told["changed"][holding.table] > 0
        count = before[holding.table].count("\n") - after[holding.table].count("\n")
        assert (count > 0) is (holding.fate is Fate.DELETED), holding.table
    with known.loop.house.database.begin() as tx:
        reason = one(tx, "SELECT reason, person FROM approvals WHERE environment = 'live'")
        other = one(tx, "SELECT label FROM tokens WHERE digest = '1'")
    assert reason == {"reason": LEFT.format(now), "person": now}
    assert other == {"label": LEFT.format(now)}


def test_what_stays_is_evidence_told_with_its_reason_and_the_chain_holds(known: Functions) -> None:
    told = erase(known, email=EMAIL)
    assert {one["table"] for one in told["stays"]} == STAYS
    for one_that_stays in told["stays"]:
        assert one_that_stays["rows"] > 0
        assert "Art. 17(3)" in one_that_stays["because"]
        assert one_that_stays["retention"]
    assert intact(known)
    with known.loop.house.database.begin() as tx:
        entry = journal.newest(tx, "", "", 1)[0]
    assert (entry.seq, entry.event.kind) == (told["journal"], "subject.erased")
    assert entry.event.data["changed"] == told["changed"]
    for word in (EMAIL, AUTHOR, f" {ACCOUNT} "):
        assert word not in str(entry.event)


def test_asking_again_changes_nothing_and_somebody_else_is_untouched(known: Functions) -> None:
    erase(known, email=EMAIL)
    before = everything(known)
    again = erase(known, email=EMAIL)
    assert (again["pseudonym"], again["changed"], again["journal"]) == (None, {}, None)
    assert everything(known) == before
    told = as_admin(known, "export_subject", name=MARIA.name)
    assert {"people", "tokens", "approvals"} <= {one["table"] for one in told["held"]}


def test_the_house_still_tells_of_what_was_pseudonymised(known: Functions) -> None:
    erase(known, email=EMAIL)
    headers = {"Authorization": f"Bearer {known.token}"}
    (run,) = known.request("GET", "/api/v1/runs", headers=headers).json()
    assert run["submitted_by"].startswith("erased-")
    assert run["commit"]["author_email"] == f"{run['submitted_by']}@erased.invalid"
    assert known.request("GET", f"/api/v1/runs/{run['id']}", headers=headers).status_code == 200
    known.loop.app.commit("second", author=("Ana Author", EMAIL))
    assert known.loop.ship().status == "succeeded"


def test_who_must_stay_for_now_is_not_erased(known: Functions) -> None:
    def refused(**asked: str) -> tuple[int, str]:
        asked |= {"action": "erase_subject", "confirm": "erase"}
        answer = known.post(NAME, asked, token=known.token_of("admin"))
        return answer.status_code, answer.json()["error"]

    assert refused(name="admin")[1].startswith("nobody erases themselves")
    assert refused(name="fairlead")[1].startswith("fairlead is Fairlead itself")
    assert "that one word" in refused(name="gate")[1]
    known.loop.app.commit("second")
    run = known.loop.submit()
    status, told = refused(email=EMAIL)
    assert (status, run.id in told, EMAIL in told) == (409, True, False)
    desk = known.loop.desk()
    admin = Person("admin", "admin@example.org", Role.ADMIN)
    people.save(desk, admin, Person("zoe", "zoe@example.org", Role.ADMIN))
    assert erase(known, email="zoe@example.org")["changed"] == {"people": 1, "tokens": 1}


def kept(functions: Functions, report: dict[str, Any], status: str = "passed") -> None:
    """Keep a report as a gate of the newest run leaves one, and let the file name that gate."""
    loop = functions.loop
    (run,) = _runs(functions)
    result = GateResult(run, 0, "gdpr", status, 0, "", None, None, loop.clock(), loop.clock())
    with loop.house.database.begin() as tx:
        row = one(tx, "SELECT max(index) AS stage FROM stages WHERE environment = 'live'")
        assert row is not None
        stage = row["stage"]
        gate_results.end(tx, replace(result, stage=stage))
        gates = json.dumps({"gdpr": {"check": "privacy"}})
        tx.execute("UPDATE runs SET spec = jsonb_set(spec, '{gates}', %s)", [gates])
    loop.house.reports.mkdir(exist_ok=True, parents=True)
    file = loop.house.reports / f"{run}.{stage}.gdpr.privacy.json"
    file.write_text(json.dumps(report))


def _runs(functions: Functions) -> list[str]:
    with functions.loop.house.database.begin() as tx:
        return [row["id"] for row in many(tx, "SELECT id FROM runs")]


def seen(verdict: str) -> dict[str, Any]:
    nothing = nothing_seen(Deployment("live", "r"), "who knows")
    log = {"log": "api", "counts": {"an e-mail address": 0}, "unknown": ""}
    column = {"column": "public.t.email", "declared": None}
    more = {"verdict": verdict, "sentence": "as it should be", "unknown": [], "logs": [log]}
    return nothing | more | {"personal": [column], "database": "shop"}


def test_what_nobody_has_looked_at_is_unknown(functions: Functions) -> None:
    for kind in ("deployment", "post_deployment"):
        told = functions.call(NAME, "compliance_report", report_type=kind)
        assert told["compliance"] in ("unknown", "not met")
        assert told["lines"][0]["answer"] == "unknown"
        assert "live has no database in fairlead.yaml" in told["unknown"][0]
    told = functions.call(NAME, "data_inventory")
    assert (told["personal"], told["looked_at"]) == (None, None)
    assert "live has no database" in told["because"]


def test_a_report_is_proven_by_entries_of_the_journal(functions: Functions) -> None:
    kept(functions, seen("passed"))
    told = functions.call(NAME, "compliance_report", report_type="post_deployment")
    lines = {line["question"]: line for line in told["lines"]}
    assert lines["what was judged is what runs in live"]["answer"] == "met"
    assert lines["logs of live hold no personal data"]["answer"] == "met"
    with functions.loop.house.database.begin() as tx:
        entries = {entry.seq: entry.event for entry in journal.entries(tx, 0, told["run"])}
    kinds = {entries[seq].kind for line in told["lines"] for seq in line["evidence"]}
    assert kinds == {"run.submitted", "release.live"}
    # Nothing on record says that the gate has passed.
    assert lines["a gate holds back what breaks these rules"]["answer"] == "unknown"
    assert told["compliance"] == "unknown"
    inventory = functions.call(NAME, "data_inventory")
    assert [one["column"] for one in inventory["personal"]] == ["public.t.email"]
    assert (inventory["run"], inventory["because"]) == (told["run"], "")


def test_what_failed_is_not_met_and_other_types_are_refused(functions: Functions) -> None:
    kept(functions, seen("failed"), "failed")
    told = functions.call(NAME, "compliance_report", report_type="deployment")
    assert told["compliance"] == "not met"
    asked = {"action": "compliance_report", "report_type": "annual"}
    assert functions.post(NAME, asked).status_code == 422
    assert functions.call(NAME, "health_check")["status"] == "healthy"
