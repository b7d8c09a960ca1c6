import { handle } from "../../supabase/functions/trust-score/handler.ts";
import { because, type Kind, KINDS, trust } from "../../supabase/functions/trust-score/trust.ts";
import { equal, ok } from "../assert.ts";
import { ask } from "./ask.ts";

const times = (count: number, kind: Kind): Kind[] => Array(count).fill(kind);

Deno.test("an agent without events scores 50", () => {
  equal(trust([]).score, 50);
});

Deno.test("one event moves the score as the formula says", () => {
  equal(trust(["task_completed"]).score, 54.5); // 100 × 6 / 11
  equal(trust(["policy_violation"]).score, 27.8); // 100 × 5 / 18
});

Deno.test("the same history always scores the same", () => {
  const history: Kind[] = [...times(9, "task_completed"), "task_failed", "positive_review"];
  equal(trust(history), trust([...history]));
});

Deno.test("a score stays between 0 and 100", () => {
  for (const kind of KINDS) {
    const { score } = trust(times(300, kind));
    ok(score > 0 && score < 100, `${kind} scores ${score}`);
  }
});

Deno.test("a recent violation weighs more than an old one", () => {
  const old = trust(["policy_violation", ...times(20, "task_completed")]);
  const recent = trust([...times(20, "task_completed"), "policy_violation"]);
  ok(recent.score < old.score, `${recent.score} is not below ${old.score}`);
});

Deno.test("the explanation can be checked by hand", () => {
  const sentence = because(trust(["task_completed", "task_failed"]));
  equal(sentence, "2 events: 100 × (5 + 1) / (10 + 1 + 2) = 46.2");
});

Deno.test("recording an event changes the score that is asked for next", async () => {
  const agent_id = "unit-recorded";
  const before = await ask(handle, "score", { agent_id });
  const recorded = await ask(handle, "record", { agent_id, kind: "task_completed" });
  const after = await ask(handle, "score", { agent_id });
  equal(before.json.result.score, 50);
  equal(after.json.result, recorded.json.result);
  equal(after.json.result.events, 1);
});

Deno.test("an explanation does not say who reported", async () => {
  const agent_id = "unit-private";
  const reporter_email = "reporter@example.com";
  await ask(handle, "record", { agent_id, kind: "task_failed", reporter_email });
  const { json } = await ask(handle, "explain", { agent_id });
  ok(!JSON.stringify(json).includes(reporter_email), "the reporter's address is shown");
});

Deno.test("wrong fields are refused and nothing is recorded", async () => {
  const agent_id = "unit-refused";
  const kind = "task_completed";
  for (
    const fields of [
      {},
      { agent_id: "NO", kind },
      { agent_id, kind: "dance" },
      { agent_id, kind, reporter_email: "nobody" },
    ]
  ) {
    equal((await ask(handle, "record", fields)).status, 400);
  }
  equal((await ask(handle, "score", { agent_id })).json.result.events, 0);
});
