"""What does Prometheus read of Fairlead itself? Parsed as Prometheus parses it."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from fairlead.api import spared
from fairlead.commands import intake
from fairlead.pipeline.sampling import Sampler
from fairlead.store import environments, gate_results, journal, rollouts, runs
from fairlead.store.gate_results import GateResult
from fairlead.store.rollouts import Phase
from functions.stand import Functions


@pytest.fixture(autouse=True)
def _anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every scrape count anew; how seldom else is a claim of its own."""
    monkeypatch.setattr(spared, "TIMES", 0.0)


def scraped(functions: Functions) -> dict[str, Metric]:
    headers = {"Authorization": f"Bearer {functions.token}"}
    answer = functions.request("GET", "/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values(family: Metric, name: str = "") -> dict[tuple[str, ...], float]:
    return {
        tuple(sample.labels.values()): sample.value
        for sample in family.samples
        if sample.name == (name or family.name)
    }


def ran(functions: Functions, gate: str, status: str, seconds: float, reused: str = "") -> None:
    """Let a gate of the first run have ended."""
    now = functions.loop.clock.now
    with functions.loop.house.database.begin() as tx:
        stage = tx.execute("SELECT run, index FROM stages ORDER BY index LIMIT 1").fetchone()
        assert stage is not None
        ended = now + timedelta(seconds=seconds)
        told = (stage["run"], stage["index"], gate, status, None, "", None, reused or None)
        gate_results.end(tx, GateResult(*told, now, ended))


def test_it_needs_somebody(functions: Functions) -> None:
    assert functions.request("GET", "/metrics").status_code == 401


def test_runs_places_and_the_record_are_told(functions: Functions) -> None:
    loop, app = functions.loop, functions.loop.app.name
    before = scraped(functions)
    assert "fairlead_sampling_age_seconds" in before
    assert values(before["fairlead_sampling_age_seconds"]) == {}
    assert values(before["fairlead_weight_percent"]) == {(app, "live", "live"): 100}
    assert values(before["fairlead_runs"]) == {("deploy", "succeeded"): 1}
    assert values(before["fairlead_queue_runs"]) == {(): 0}
    with loop.house.database.begin() as tx:
        assert values(before["fairlead_journal_entries"], "fairlead_journal_entries_total") == {
            (): journal.count(tx)
        }
    sampler = Sampler(loop.house)
    for _ in range(2):
        sampler.sample()
        loop.clock.pass_by(1)
    loop.submit()
    loop.clock.pass_by(8)
    after = scraped(functions)
    assert values(after["fairlead_sampling_age_seconds"])[app, "live"] == pytest.approx(9, abs=2)
    assert values(after["fairlead_runs"])["deploy", "queued"] == 1
    assert values(after["fairlead_queue_runs"]) == {(): 1}
    assert values(after["fairlead_queue_oldest_seconds"])[()] == pytest.approx(8)


def test_a_takeover_that_goes_on_is_told_with_its_phase(functions: Functions) -> None:
    app = functions.loop.app.name
    assert values(scraped(functions)["fairlead_rollouts_open"]) == {}
    with functions.loop.house.database.begin() as tx:
        (run,) = runs.newest(tx, app, 1)
        state = rollouts.find(tx, run.id, "live")
        assert state is not None
        rollouts.save(tx, replace(state, phase=Phase.PREPARING))
        environments.hold(tx, app, "live", run.id)
    assert values(scraped(functions)["fairlead_rollouts_open"]) == {(app, "live", "preparing"): 1}


def test_gates_are_told_by_how_long_they_took(functions: Functions) -> None:
    ran(functions, "unit", "passed", 1.0)
    ran(functions, "lint", "failed", 7200.0)
    ran(functions, "reused", "passed", 0.0, "r0")
    told = scraped(functions)
    assert values(told["fairlead_gates"]) == {("passed",): 2, ("failed",): 1}
    family = told["fairlead_gate_duration_seconds"]
    buckets = {
        (sample.labels["gate"], sample.labels["le"]): sample.value
        for sample in family.samples
        if sample.name.endswith("_bucket")
    }
    assert {gate for gate, _ in buckets} == {"unit", "lint"}
    assert (buckets["unit", "1.0"], buckets["unit", "+Inf"]) == (1, 1)
    assert (buckets["lint", "3600.0"], buckets["lint", "+Inf"]) == (0, 1)
    sums = values(family, "fairlead_gate_duration_seconds_sum")
    assert sums == {("unit",): 1.0, ("lint",): 7200.0}


def test_what_the_intake_took_and_sent_away_is_told(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = functions.loop.clock.now.timestamp()
    body = {"action": "record_requests", "release": "a", "component": "api"} | {
        "requests": [[now, 5.0, False]]
    }
    assert functions.post("production-monitoring", body).status_code == 200
    monkeypatch.setattr(intake, "MOST_WAITING", 0)
    assert functions.post("production-monitoring", body).status_code == 429
    told = scraped(functions)
    things = values(told["fairlead_intake_things"], "fairlead_intake_things_total")
    assert things == {("written",): 1, ("refused",): 1, ("failed",): 0}
    assert values(told["fairlead_intake_waiting"]) == {(): 0}


def test_messages_that_nobody_takes_are_told_by_channel(functions: Functions) -> None:
    now = functions.loop.clock.now.isoformat()
    kept = {"channel": "emergency", "secret": "hook", "subject": "Oh", "body": {}, "last_error": ""}
    with functions.loop.house.database.begin() as tx:
        for effect, attempts, sent in (("a", 0, None), ("b", 3, None), ("c", 4, now)):
            more = {"effect": effect, "attempts": attempts, "sent_at": sent, "at": now}
            tx.execute(
                "INSERT INTO outbox SELECT * FROM jsonb_populate_record(NULL::outbox, %s)",
                [json.dumps(kept | more | {"due_at": now})],
            )
    told = values(scraped(functions)["fairlead_outbox_messages"])
    channel = "emergency"
    assert told == {(channel, "waiting"): 1, (channel, "failing"): 1, (channel, "sent"): 1}


def test_all_rows_are_read_the_more_seldom_the_longer_that_takes(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spared, "TIMES", 1e6)
    assert values(scraped(functions)["fairlead_runs"]) == {("deploy", "succeeded"): 1}
    functions.loop.submit()
    told = scraped(functions)
    assert values(told["fairlead_runs"]) == {("deploy", "succeeded"): 1}
    # What is so now is told as it is now.
    assert values(told["fairlead_queue_runs"]) == {(): 1}


def test_an_answer_is_kept_for_many_times_as_long_as_it_took(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spared, "TIMES", 5.0)
    found: list[int] = []

    def question() -> int:
        time.sleep(0.1)
        found.append(1)
        return len(found)

    one: spared.Spared[int] = spared.Spared()
    began = time.monotonic()
    with ThreadPoolExecutor(8) as many:
        assert {*many.map(lambda _: one.ask(question), range(100))} == {1}
    while one.ask(question) == 1:
        time.sleep(0.01)
    assert time.monotonic() - began >= 0.6
    assert len(found) == 2


def test_the_process_is_told_and_no_run_is_a_label(functions: Functions) -> None:
    told = scraped(functions)
    assert values(told["process_resident_memory_bytes"])[()] > 10e6
    samples = [sample for family in told.values() for sample in family.samples]
    labels = {label for sample in samples for label in sample.labels}
    known = {"app", "environment", "role", "phase", "kind", "status", "gate", "le", "channel"}
    assert labels <= known | {"state", "outcome", "version"}
    every = {value for sample in samples for value in sample.labels.values()}
    with functions.loop.house.database.begin() as tx:
        names = [row["id"] for row in tx.execute("SELECT id FROM runs").fetchall()]
    assert names
    assert functions.loop.live().live not in every
    assert not set(names) & every
