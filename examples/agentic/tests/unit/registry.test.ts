import { handle } from "../../supabase/functions/agent-registry/handler.ts";
import { idFor, MOST_AGENTS } from "../../supabase/functions/agent-registry/registry.ts";
import { equal } from "../assert.ts";
import { ask } from "./ask.ts";

const agent = (name: string) => ({ name, purpose: "Testing", owner_email: "owner@example.com" });

Deno.test("an id is made of the name", () => {
  equal(idFor("  Route Planner, 2! "), "route-planner-2");
});

Deno.test("a registered agent can be found, without its owner's address", async () => {
  const card = { id: "unit-one", name: "Unit One", purpose: "Testing" };
  equal((await ask(handle, "register", agent("Unit One"))).json.result, card);
  equal((await ask(handle, "get", { agent_id: "unit-one" })).json.result, card);
  equal((await ask(handle, "list", { limit: 1 })).json.result.agents, [card]);
});

Deno.test("a name is registered once", async () => {
  equal((await ask(handle, "register", agent("Unit Twice"))).status, 200);
  equal((await ask(handle, "register", agent("unit twice"))).status, 409);
});

Deno.test("wrong fields are refused", async () => {
  const good = agent("Unit Wrong");
  const wrong = [{ name: "" }, { name: "!!!" }, { purpose: 7 }, { owner_email: "nobody" }];
  for (const fields of wrong) {
    equal((await ask(handle, "register", { ...good, ...fields })).status, 400);
  }
  equal((await ask(handle, "list", { limit: 0 })).status, 400);
});

Deno.test("an unknown agent is not found", async () => {
  equal((await ask(handle, "get", { agent_id: "nobody" })).status, 404);
});

Deno.test("a full registry forgets the oldest agent and keeps the seeds", async () => {
  await ask(handle, "register", agent("Unit Oldest"));
  for (let number = 0; number < MOST_AGENTS; number++) {
    await ask(handle, "register", agent(`Unit Crowd ${number}`));
  }
  equal((await ask(handle, "list")).json.result.total, MOST_AGENTS);
  equal((await ask(handle, "get", { agent_id: "unit-oldest" })).status, 404);
  equal((await ask(handle, "get", { agent_id: "atlas" })).status, 200);
});
