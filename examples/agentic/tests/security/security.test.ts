// Does every function turn wrong requests away, and say nothing it should not?

import { equal, ok } from "../assert.ts";
import { call, FUNCTIONS, post, request } from "../edge.ts";

const FOREIGN = "https://evil.example";

const HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

for (const name of FUNCTIONS) {
  Deno.test(`${name} refuses wrong methods`, async () => {
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      equal((await request(`/functions/v1/${name}`, { method })).status, 405);
    }
  });

  Deno.test(`${name} refuses an oversized body`, async () => {
    const body = JSON.stringify({ action: "health_check", filler: "x".repeat(64 * 1024) });
    equal((await post(name, body)).status, 413);
  });

  Deno.test(`${name} refuses malformed JSON`, async () => {
    for (const body of ["", "{", "null", "[]", new Uint8Array([0xff])]) {
      equal((await post(name, body)).status, 400);
    }
  });

  Deno.test(`${name} refuses an unknown action and names the allowed ones`, async () => {
    for (const action of ["drop_tables", "constructor", "__proto__"]) {
      const { status, json } = await call(name, action);
      equal(status, 400);
      ok(json.error.allowed.includes("health_check"), "the allowed actions are not named");
    }
  });

  Deno.test(`${name} sends security headers with answers and refusals`, async () => {
    for (const action of ["health_check", "drop_tables"]) {
      const { headers } = await call(name, action);
      for (const [header, value] of Object.entries(HEADERS)) {
        equal([header, headers.get(header)], [header, value]);
      }
      const policy = headers.get("content-security-policy") ?? "";
      ok(policy.includes("default-src 'none'"), "content may load things");
    }
  });

  Deno.test(`${name} gives foreign origins no credentials`, async () => {
    const headers = { origin: FOREIGN, "access-control-request-method": "POST" };
    const answers = [
      await request(`/functions/v1/${name}`, { method: "OPTIONS", headers }),
      await post(name, '{"action": "health_check"}', { origin: FOREIGN }),
    ];
    for (const answer of answers) {
      ok(answer.status < 300, `answered ${answer.status}`);
      equal(answer.headers.get("access-control-allow-credentials"), null);
      ok(answer.headers.get("access-control-allow-origin") !== FOREIGN, "the origin is reflected");
    }
  });
}

Deno.test("a watchlist is kept from whoever has no valid token", async () => {
  for (const authorization of ["", "Bearer nothing", "Bearer a.b.c"]) {
    const headers: HeadersInit = authorization ? { authorization } : {};
    equal((await post("watchlist", '{"action": "list"}', headers)).status, 401);
  }
});

Deno.test("a refusal does not tell about our insides", async () => {
  const { text } = await call("trust-score", "score", { agent_id: { toString: 1 } });
  ok(!/\.ts|\bat \w+/.test(text), `the answer shows a trace: ${text}`);
});
