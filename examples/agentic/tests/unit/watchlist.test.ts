import { watchlist } from "../../supabase/functions/watchlist/handler.ts";
import { equal } from "../assert.ts";
import { send } from "./ask.ts";

const SECRET = "a secret that only these tests know";
const OTHER = "another one, which nobody trusts";
const HOUR_S = 3600;

const base64 = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const encoded = (text: string) => new TextEncoder().encode(text);
const part = (value: unknown): string => base64(encoded(JSON.stringify(value)));
const inSeconds = (seconds: number): number => Math.floor(Date.now() / 1000) + seconds;

async function token(claims: unknown, secret = SECRET, alg = "HS256"): Promise<string> {
  const told = `${part({ alg, typ: "JWT" })}.${part(claims)}`;
  const name = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoded(secret), name, false, ["sign"]);
  return `${told}.${base64(new Uint8Array(await crypto.subtle.sign("HMAC", key, encoded(told))))}`;
}

const of = (sub: string) => token({ sub, exp: inSeconds(HOUR_S) });

async function call(authorization: string, fields = {}, handle = watchlist(SECRET)) {
  const body = JSON.stringify({ action: "list", ...fields });
  const headers: HeadersInit = authorization ? { authorization } : {};
  const response = await send(handle, { method: "POST", headers, body });
  return { status: response.status, json: await response.json() };
}

Deno.test("a person's list holds what they watch, and nobody else's does", async () => {
  const [ana, ben] = [`Bearer ${await of("ana")}`, `Bearer ${await of("ben")}`];
  equal((await call(ana, { action: "watch", agent_id: "atlas" })).status, 200);
  equal((await call(ana, { owner: "ana" })).json.result, { watched: ["atlas"] });
  equal((await call(ben)).json.result, { watched: [] });
  equal((await call(ben, { owner: "ana" })).status, 403);
});

Deno.test("every token but a valid one is refused", async () => {
  const good = await of("ana");
  const [head, body] = good.split(".");
  const wrong = {
    none: "",
    garbage: "Bearer nothing",
    "not base64": `Bearer ${head}.${body}.-`,
    basic: `Basic ${good}`,
    unsigned: `Bearer ${part({ alg: "none" })}.${body}.`,
    "another key": `Bearer ${await token({ sub: "ana", exp: inSeconds(HOUR_S) }, OTHER)}`,
    "another algorithm": `Bearer ${await token(
      { sub: "ana", exp: inSeconds(HOUR_S) },
      SECRET,
      "HS512",
    )}`,
    "changed claims": `Bearer ${head}.${part({ sub: "ben", exp: inSeconds(HOUR_S) })}.${
      good.split(".")[2]
    }`,
    expired: `Bearer ${await token({ sub: "ana", exp: inSeconds(-1) })}`,
    "without end": `Bearer ${await token({ sub: "ana" })}`,
    nobody: `Bearer ${await token({ exp: inSeconds(HOUR_S) })}`,
    "no object": `Bearer ${await token(null)}`,
  };
  for (const [name, authorization] of Object.entries(wrong)) {
    const { status, json } = await call(authorization);
    equal([name, status, json.error.code], [name, 401, "not_signed_in"]);
  }
});

Deno.test("without a secret nobody is let in", async () => {
  for (const secret of [undefined, ""]) {
    equal((await call(`Bearer ${await of("ana")}`, {}, watchlist(secret))).status, 401);
  }
});

Deno.test("a long list forgets what was watched first", async () => {
  const ana = `Bearer ${await of("forgetful")}`;
  for (let number = 0; number <= 100; number++) {
    await call(ana, { action: "watch", agent_id: `agent-${number}` });
  }
  const { watched } = (await call(ana)).json.result;
  equal([watched.length, watched[0]], [100, "agent-1"]);
});
