"""Is every release kept with its SBOM, and told beside the one that runs?"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from fairlead.journal.event import Event
from fairlead.pipeline import sboms as pipeline_sboms
from fairlead.providers.scanners.commands import GateCommands
from fairlead.providers.secrets.files import SecretFiles
from fairlead.store import sboms
from journeys.configurations import at_once
from journeys.configurations import production as production_of
from pipeline.loop import Killer, Loop, Unjudged

Make = Callable[..., Loop]
FAILS = 'echo "{\\"because\\": \\"the disk is full\\"}" > "$0"; exit 2'


def locked(loop: Loop, **versions: str) -> None:
    packages: dict[str, Any] = {"": {"name": loop.app.name}}
    for name, version in versions.items():
        packages[f"node_modules/{name}"] = {"version": version}
    told = {"name": loop.app.name, "lockfileVersion": 3, "packages": packages}
    loop.app.write("package-lock.json", json.dumps(told))


def building(app: str, ports: list[int]) -> dict[str, Any]:
    """Return an app whose build writes another lock file than the commit has."""
    told = at_once(app, ports)
    build = {"build": "echo '{}' > package-lock.json"}
    return told | {"components": {n: one | build for n, one in told["components"].items()}}


def production(app: str, ports: list[int]) -> dict[str, Any]:
    return production_of(app, [*ports, ports[0] + 1000])


def script(loop: Loop, words: str) -> None:
    judges = loop.house.judges
    assert isinstance(judges, Unjudged)
    judges.sbom_script = words


def told(loop: Loop, run: str, *kinds: str) -> list[Event]:
    return [event for event in loop.events(run) if event.kind in kinds]


def kept(loop: Loop, release: str) -> str | None:
    with loop.house.database.begin() as tx:
        return sboms.text(tx, loop.app.name, release)


def test_a_release_is_kept_with_what_its_commit_says_and_what_changed(loop_of: Make) -> None:
    loop = loop_of(building)
    secrets = SecretFiles(loop.house.reports / "secrets")
    loop.house = replace(loop.house, judges=GateCommands(secrets, loop.house.reports.parent))
    locked(loop, left="1.0.0", gone="2.0.0")
    first = loop.app.commit("first")
    run = loop.ship()
    assert run.status == "succeeded"
    made, compared = told(loop, run.id, "sbom.kept", "packages.compared")
    document = kept(loop, first) or ""
    assert made.because == f"release {first}: its SBOM names 2 packages of 1 lock file"
    assert made.data["digest"] == hashlib.sha256(document.encode()).hexdigest()
    assert compared.because == "packages: the first release here, with 2 packages"
    bill = json.loads(document)
    artifacts = bill["metadata"]["component"]["components"]
    assert [one["name"] for one in artifacts] == [*loop.app.configuration["components"]]
    assert [one["purl"] for one in bill["components"]] == [
        "pkg:npm/gone@2.0.0",
        "pkg:npm/left@1.0.0",
    ]
    locked(loop, left="1.1.0", fresh="3.0.0")
    loop.app.commit("second")
    (compared,) = told(loop, loop.ship().id, "packages.compared")
    assert compared.because == (
        f"packages: since release {first}: 1 package added: npm/fresh 3.0.0; "
        "1 package removed: npm/gone 2.0.0; 1 package changed: npm/left 1.0.0 → 1.1.0"
    )
    assert compared.data["counts"] == {"added": 1, "removed": 1, "changed": 1, "replaced": 0}
    assert list(loop.house.reports.glob("*.sbom*")) == []


def test_an_approver_is_asked_when_the_difference_is_told(loop_of: Make) -> None:
    loop = loop_of(production)
    loop.app.commit("first")
    run = loop.submit()
    loop.carry(run.id, until=lambda: "approval.asked" in loop.kinds(run.id))
    places = [event.environment for event in told(loop, run.id, "packages.compared")]
    assert places == ["staging", "production"]


@pytest.mark.parametrize(
    ("words", "most", "says"),
    [
        (FAILS, 99, "the disk is full"),
        ("exit 1", 99, "ended with status 1 after"),
        ('echo "{\\"because\\": \\"\\"}" > "$0"', 99, "it cannot be read: "),
        ('echo "{\\"because\\": \\"\\"}" > "$0"; echo 12345 > "$1"', 3, "it is larger than 0 MB"),
    ],
)
def test_a_release_without_an_sbom_says_why_and_the_next_one_that_it_had_none(
    loop_of: Make, monkeypatch: pytest.MonkeyPatch, words: str, most: int, says: str
) -> None:
    monkeypatch.setattr(pipeline_sboms, "MOST_BYTES", most)
    loop = loop_of(at_once)
    works = loop.house.judges
    assert isinstance(works, Unjudged)
    good = works.sbom_script
    script(loop, words)
    first = loop.app.commit("first")
    run = loop.ship()
    assert run.status == "succeeded"
    failed, compared = told(loop, run.id, "sbom.failed", "packages.compared")
    assert failed.because.startswith(f"release {first} has no SBOM: {says}")
    assert compared.because == "packages: what changed is not known: this release has no SBOM"
    assert kept(loop, first) is None
    monkeypatch.setattr(pipeline_sboms, "MOST_BYTES", 999)
    script(loop, good)
    loop.app.commit("second")
    (compared,) = told(loop, loop.ship().id, "packages.compared")
    assert compared.because == (
        f"packages: what changed since release {first} is not known: it has no SBOM"
    )


def test_a_run_that_ends_early_does_not_forget_what_was_built(loop_of: Make) -> None:
    gate = {"check": {"run": "test -d nowhere"}}
    loop = loop_of(at_once, gates=gate, before=["check"])
    script(loop, "sleep 60")
    loop.app.commit("first")
    run = loop.ship()
    (failed,) = told(loop, run.id, "sbom.failed", "sbom.kept")
    assert (run.status, "has no SBOM: was stopped" in failed.because) == ("failed", True)


def test_killed_before_every_step_it_is_told_once(loop_of: Make) -> None:
    loop = loop_of(at_once)
    for says in ("first", "second"):
        release = loop.app.commit(says)
        run = loop.ship(Killer().taking(loop))
        assert run.status == "succeeded"
        kinds = [event.kind for event in told(loop, run.id, "sbom.kept", "packages.compared")]
        assert kinds == ["sbom.kept", "packages.compared"]
        assert kept(loop, release)


def test_a_document_that_was_changed_afterwards_is_refused(loop_of: Make) -> None:
    loop = loop_of(at_once)
    release = loop.app.commit("first")
    loop.ship()
    with loop.house.database.begin() as tx:
        tx.execute("SET LOCAL ROLE NONE")
        tx.execute("UPDATE fairlead.sboms SET document = document || ' '")
    with pytest.raises(Exception, match=f"the SBOM of release {release} was changed after"):
        kept(loop, release)
    loop.app.commit("second")
    run = loop.ship()
    (compared,) = told(loop, run.id, "packages.compared")
    assert (run.status, "what changed is not known" in compared.because) == ("succeeded", True)
