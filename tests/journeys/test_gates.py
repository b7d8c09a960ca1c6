"""What do gates keep out, and what does one see of them?"""

import json
from pathlib import Path
from typing import Any

from fairlead import places
from journeys.app import App
from journeys.configurations import at_once
from journeys.person import refused
from journeys.stand import Stand, processes_naming, until
from journeys.users import users_of

# It refuses who is not signed in, but reads no further than the signature.
FORGETFUL = """
const bytes = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const name = { name: "HMAC", hash: "SHA-256" };
const raw = new TextEncoder().encode(Deno.env.get("JWT_SECRET") ?? "none");
const key = await crypto.subtle.importKey("raw", raw, name, false, ["verify"]);

async function isSigned(token: string): Promise<boolean> {
  try {
    const [head, claims, signature] = token.split(".");
    const told = new TextEncoder().encode(`${head}.${claims}`);
    return await crypto.subtle.verify("HMAC", key, bytes(signature), told);
  } catch {
    return false;
  }
}

Deno.serve(async (req) => {
  const token = req.headers.get("authorization")?.replace("Bearer ", "") ?? "";
  return new Response(null, { status: await isSigned(token) ? 200 : 401 });
});
"""


def failing(app: App, gate: dict[str, Any], **where: Any) -> None:
    """Change the app's configuration: one gate, run where the keywords say."""
    name = "check"
    fresh = at_once(app.name, ports(app), {name: gate}, **where)
    app.configure(fresh)


def ports(app: App) -> list[int]:
    return [int(app.address().rpartition(":")[2])]


def log(stand: Stand, run: str, stage: int, gate: str = "check") -> str:
    answer = stand.ana.api.get(f"/runs/{run}/stages/{stage}/gates/{gate}/log")
    return answer.text if answer.status_code == 200 else ""


def test_a_release_that_fails_its_smoke_test_never_gets_traffic(stand: Stand) -> None:
    app, good = stand.shipped("smoky", at_once)
    asks = (
        'const h = { "x-fairlead-release": Deno.env.get("FAIRLEAD_RELEASE") };'
        'const r = await fetch(Deno.env.get("FAIRLEAD_URL") + "/functions/v1/score", '
        '{ method: "POST", body: JSON.stringify({ agent_id: "a-00" }), headers: h });'
        "console.log(`it answered ${r.status}`); Deno.exit(r.status === 200 ? 0 : 1);"
    )
    failing(app, {"run": ["deno", "eval", asks]}, smoke=["check"])
    with users_of(app) as users:
        bad = app.commit("bad", fails=1)
        ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"].startswith("check failed: ended with status 1 after ")
    assert log(stand, ended["id"], 2) == "it answered 500\n"
    assert users.noticed_nothing()
    assert users.on(bad) == 0
    assert stand.ana.place(app)["live"] == good
    assert app.ask().release == good
    assert refused(stand.ana.roll_back(app, "a way round the gates", to=bad), 422) == (
        f"release {bad} was never live in live: deploy its commit, so that it passes the gates and "
        "the approval"
    )


def test_a_gate_that_fails_after_a_deployment_sends_the_environment_back(stand: Stand) -> None:
    app, good = stand.shipped("proven", at_once)
    failing(app, {"run": "echo the numbers are wrong; exit 3"}, after=["check"])
    with users_of(app) as users:
        bad = app.commit("bad")
        ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    assert ended["because"].startswith("check failed: ended with status 3 after ")
    assert ended["gates"][0]["exit_status"] == 3
    assert users.noticed_nothing()
    assert users.on(bad) > 0
    place = stand.ana.place(app)
    assert (place["live"], place["weights"][good]) == (good, 100)
    statuses = [r["deployment_status"] for r in stand.ana.audit(app) if r["run"] == ended["id"]]
    assert statuses == ["started", "success", "rolled_back"]


def test_a_gate_whose_command_is_missing_says_so(stand: Stand) -> None:
    app, good = stand.shipped("missing", at_once)
    failing(app, {"run": ["no-such-linter", "--all"]}, before=["check"])
    app.commit("unchecked")
    ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"] == (
        "check failed: did not start: the program 'no-such-linter' is not on this machine: "
        "install it, or correct the command in fairlead.yaml"
    )
    assert app.ask().release == good


def test_a_gate_over_its_time_limit_is_ended_with_everything_it_started(stand: Stand) -> None:
    app, good = stand.shipped("endless", at_once)
    mark = "61.4142"
    # One of them begins a session of its own, as a daemon would.
    run = f"sleep {mark} & setsid sleep {mark} & echo begun; wait; exit 1"
    failing(app, {"run": run, "timeout": "1s"}, before=["check"])
    app.commit("endless")
    ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert ended["because"] == "check failed: was ended: it took longer than its limit of 1 s"
    assert log(stand, ended["id"], 2) == "begun\n"
    assert processes_naming(mark) == []
    assert app.ask().release == good


def test_a_gate_is_heard_while_it_runs_and_ends_when_somebody_stops_the_run(stand: Stand) -> None:
    app, good = stand.shipped("stopped", at_once)
    mark = "62.4142"
    failing(app, {"run": f"echo halfway; sleep {mark}; exit 1"}, before=["check"])
    app.commit("slow to check")
    run = stand.ana.deploy(app)
    until(lambda: log(stand, run, 2) == "halfway\n", "its output")
    assert stand.ana.run(run)["status"] == "running"
    assert stand.vic.stop(run, "no reason").status_code == 403
    assert stand.ana.stop(run, "the wrong branch").status_code == 204
    ended = stand.ana.ended(run)
    assert (ended["status"], ended["because"]) == ("stopped", "ana stopped it: the wrong branch")
    assert ended["gates"][0]["because"].startswith("check failed: was stopped after ")
    assert processes_naming(mark) == []
    again = stand.ana.stop(run, "once more")
    assert again.status_code == 422
    assert "has ended (stopped): there is nothing to stop" in again.json()["detail"]
    assert app.ask().release == good


def test_stopping_a_run_that_has_changed_an_environment_sends_it_back(stand: Stand) -> None:
    app, good = stand.shipped("halted", at_once)
    failing(app, {"run": "sleep 60 && exit 1"}, after=["check"])
    with users_of(app) as users:
        app.commit("halfway there")
        run = stand.ana.deploy(app)
        stand.ana.wait(run, lambda it: bool(it["gates"]))
        assert stand.ana.stop(run, "not today").status_code == 204
        ended = stand.ana.ended(run)
    assert (ended["status"], ended["because"]) == ("rolled_back", "ana stopped it: not today")
    assert users.noticed_nothing()
    assert stand.ana.place(app)["live"] == good


def test_a_pass_on_unchanged_inputs_is_used_again(stand: Stand, tmp_path: Path) -> None:
    app, _ = stand.shipped("reused", at_once)
    tally = tmp_path / "tally"
    gate = {"run": f"echo ran >> {tally} && test -f fairlead.yaml", "inputs": ["supabase/**"]}
    failing(app, gate, before=["check"])
    app.commit("first")
    assert stand.ship(app)["status"] == "succeeded"
    app.write("README.md", "nothing that the gate reads")
    app.commit("first")
    ended = stand.ship(app)
    assert ended["status"] == "succeeded"
    assert "the pass was reused" in ended["gates"][0]["because"]
    assert tally.read_text() == "ran\n"


def leak() -> str:
    """Return an assignment that holds a secret, which stands in no file of ours."""
    return (
        f'export const token = "{"gh" + "p_"}{"".join(chr(97 + n * 7 % 26) for n in range(36))}";'
    )


def test_a_secret_keeps_a_release_out_and_is_shown_nowhere(stand: Stand) -> None:
    check = {"check": "secrets"}
    app, good = stand.shipped("leaky", at_once, gates={"check": check}, before=["check"])
    app.write("frontend/key.js", leak())
    app.commit("a key that should be elsewhere")
    app.write("frontend/key.js", "export const token = undefined;")
    app.commit("nobody saw it")
    ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert "reaches high, 1 new since the running release: " in ended["because"]
    assert "frontend/key.js" in ended["because"]
    found = stand.ana.api.get(f"/runs/{ended['id']}/findings").text
    assert "frontend/key.js" in found
    shown = ended["because"], found, log(stand, ended["id"], 2), str(stand.ana.journal(ended["id"]))
    secret = leak().split('"')[1]
    assert [text for text in shown if secret[4:12] in text] == []
    assert stand.ana.place(app)["live"] == good


def test_functions_are_called_before_they_have_traffic(stand: Stand) -> None:
    app, good = stand.shipped("called", at_once)
    failing(app, {"check": "functions"}, smoke=["check"])
    app.write("supabase/config.toml", "[functions.score]\nverify_jwt = false\n")
    with users_of(app) as users:
        bad = app.commit("it answers in words, not in JSON")
        ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert "score" in ended["because"]
    assert users.noticed_nothing()
    assert users.on(bad) == 0
    assert stand.ana.place(app)["live"] == good


def test_functions_are_called_before_anything_is_deployed(stand: Stand) -> None:
    app, good = stand.shipped("early", at_once)
    failing(app, {"check": "functions"}, before=["check"])
    app.write("supabase/config.toml", "[functions.score]\nverify_jwt = false\n")
    app.commit("it answers in words, not in JSON")
    ended = stand.ship(app)
    assert ended["status"] == "failed"
    assert "score answered health_check with " in ended["because"]
    assert "score: Listening on " in log(stand, ended["id"], 2)
    slots = processes_naming("/fairlead-slot-")
    assert [it for it in slots if it.environ().get("FAIRLEAD_APP") == app.name] == []
    assert stand.ana.place(app)["live"] == good


def forgetful(app: App) -> None:
    app.write("supabase/config.toml", "[functions.score]\nverify_jwt = false\n")
    app.write("supabase/functions/forgetful/index.ts", FORGETFUL)
    app.commit("it verifies who signed a token, but not until when")


def test_a_function_that_takes_an_expired_token_is_never_deployed(stand: Stand) -> None:
    app, good = stand.shipped("forgetful", at_once)
    failing(app, {"check": "api"}, before=["check"])
    forgetful(app)
    ended = stand.ship(app)
    assert ended["status"] == "failed"
    found = stand.ana.api.get(f"/runs/{ended['id']}/findings").json()
    rules = {one["ruleId"] for run in found["runs"] for one in run["results"]}
    assert {one for one in rules if "token" in one} == {"api/accepts-expired-token"}
    assert stand.ana.place(app)["live"] == good


def test_deployed_functions_have_their_secret_and_are_tried_with_it(stand: Stand) -> None:
    app, good = stand.shipped("keyed", at_once)
    secret = "".join(chr(97 + n * 7 % 26) for n in range(40))
    places.secrets(stand.settings).of_functions(app.name, "live").put("JWT_SECRET", secret)
    failing(app, {"check": "api"}, after=["check"])
    forgetful(app)
    ended = stand.ship(app)
    assert ended["status"] == "rolled_back"
    found = stand.ana.api.get(f"/runs/{ended['id']}/findings").text
    rules = {one["ruleId"] for run in json.loads(found)["runs"] for one in run["results"]}
    assert {one for one in rules if "token" in one} == {"api/accepts-expired-token"}
    assert stand.ana.place(app)["live"] == good
    shown = found, str(ended), str(stand.ana.journal(ended["id"]))
    assert [text for text in shown if secret in text] == []
