import { MOST_BYTES } from "../../supabase/functions/_shared/body.ts";
import { service } from "../../supabase/functions/_shared/service.ts";
import { equal, ok } from "../assert.ts";
import { ask, send } from "./ask.ts";

const handle = service("sample", { echo: (body) => body.word });

const post = (body: BodyInit) => send(handle, { method: "POST", body });

Deno.test("an action's result is wrapped as a success", async () => {
  const { status, json } = await ask(handle, "echo", { word: "hello" });
  equal(status, 200);
  equal(json, { success: true, result: "hello" });
});

Deno.test("health answers to POST and GET on any path", async () => {
  const healthy = { success: true, result: { status: "healthy", function: "sample" } };
  equal((await ask(handle, "health_check")).json, healthy);
  for (const path of ["/", "/functions/v1/sample", "/sample/deeper"]) {
    equal(await (await send(handle, { method: "GET" }, path)).json(), healthy);
  }
});

Deno.test("an unknown action is refused with the allowed ones", async () => {
  for (const action of ["dance", "constructor", "__proto__", 7, null, { toString: 1 }]) {
    const { status, json } = await ask(handle, action);
    equal(status, 400);
    equal(json.error.code, "unknown_action");
    equal(json.error.allowed, ["health_check", "echo"]);
  }
});

Deno.test("a body that is not a JSON object is refused", async () => {
  const wrong = ["", "{", "null", "[]", "7", '"text"', new Uint8Array([0xff, 0xfe])];
  for (const body of wrong) {
    const response = await post(body);
    equal(response.status, 400);
    equal((await response.json()).error.code, "malformed_json");
  }
});

Deno.test("the largest body is answered and one byte more is refused", async () => {
  const full = JSON.stringify({ action: "health_check" }).padEnd(MOST_BYTES);
  equal((await post(full)).status, 200);
  equal((await post(full + " ")).status, 413);
});

Deno.test("a body without end is refused without reading it to the end", async () => {
  const endless = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(MOST_BYTES)),
  });
  equal((await post(endless)).status, 413);
});

Deno.test("other methods are refused with the allowed ones", async () => {
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const response = await send(handle, { method });
    equal(response.status, 405);
    ok(response.headers.get("allow")?.includes("POST"), "allow does not name POST");
  }
});

Deno.test("a preflight is answered without credentials", async () => {
  const response = await send(handle, { method: "OPTIONS" });
  equal(response.status, 204);
  equal(response.headers.get("access-control-allow-credentials"), null);
});
