// Does the running app work through its edge?

import { equal, ok } from "../assert.ts";
import { call, freshName, FUNCTIONS, request } from "../edge.ts";

for (const name of FUNCTIONS) {
  Deno.test(`${name} is healthy`, async () => {
    const healthy = { success: true, result: { status: "healthy", function: name } };
    const probe = await request(`/functions/v1/${name}`);
    const asked = await call(name, "health_check");
    equal([probe.status, asked.status], [200, 200]);
    equal(probe.json, healthy);
    equal(asked.json, healthy);
  });
}

Deno.test("an agent is registered, found and listed", async () => {
  const fields = { name: freshName(), purpose: "Testing", owner_email: "owner@example.com" };
  const registered = await call("agent-registry", "register", fields);
  equal(registered.status, 200);
  const { id } = registered.json.result;

  const found = await call("agent-registry", "get", { agent_id: id });
  equal(found.json.result, { id, name: fields.name, purpose: "Testing" });

  const listed = await call("agent-registry", "list", { limit: 100 });
  const ids = listed.json.result.agents.map((agent: { id: string }) => agent.id);
  ok(ids.includes(id), `${id} is not in the list`);

  equal((await call("agent-registry", "register", fields)).status, 409);
});

Deno.test("an unknown agent is not found", async () => {
  equal((await call("agent-registry", "get", { agent_id: "nobody-at-all" })).status, 404);
});

Deno.test("good events raise a score, bad ones lower it, and it is explained", async () => {
  const agent_id = freshName().toLowerCase().replace(" ", "-");
  const score = async (action: string, fields = {}): Promise<number> => {
    const reply = await call("trust-score", action, { agent_id, ...fields });
    equal(reply.status, 200);
    return reply.json.result.score;
  };
  equal(await score("score"), 50);
  equal(await score("record", { kind: "task_completed" }), 54.5);
  ok(await score("record", { kind: "policy_violation" }) < 50, "a violation did not hurt");

  const explained = await call("trust-score", "explain", { agent_id });
  ok(explained.json.result.because.startsWith("2 events: "), explained.text);
});

Deno.test("the privacy report and the inventory are answered", async () => {
  const report = await call("gdpr-compliance", "compliance_report", {
    report_type: "post_deployment",
  });
  equal(report.status, 200);
  equal(report.json.result.report_type, "post_deployment");
  equal((await call("gdpr-compliance", "data_inventory")).status, 200);
});

Deno.test("the page and every asset it names are served", async () => {
  const page = await request("/");
  equal(page.status, 200);
  ok(page.headers.get("content-type")?.startsWith("text/html"), "the page is not HTML");

  const assets = [...page.text.matchAll(/(?:href|src)="([^"]+)"/g)].map((match) => match[1]);
  equal(assets.length, 3);
  for (const asset of assets) {
    const reply = await request(`/${asset}`);
    equal([asset, reply.status], [asset, 200]);
  }
});
