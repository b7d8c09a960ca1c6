// Does the app hold up when several people ask at once? Three seconds, eight at a time.

import { call, type Reply, request } from "../edge.ts";

const SECONDS = 3;
const PEOPLE = 8;
const FEWEST_REQUESTS = 100;

const ASKED: readonly (() => Promise<Reply>)[] = [
  () => request("/"),
  () => call("agent-registry", "list"),
  () => call("trust-score", "explain", { agent_id: "beacon" }),
  () => call("trust-score", "record", { agent_id: "load-test", kind: "task_completed" }),
  () => call("gdpr-compliance", "compliance_report"),
];

let requests = 0;
const failures: string[] = [];
const end = performance.now() + SECONDS * 1000;

async function person(): Promise<void> {
  while (performance.now() < end) {
    const ask = ASKED[requests++ % ASKED.length];
    const status = await ask().then((reply) => reply.status, String);
    if (status !== 200) failures.push(`request ${requests}: ${status}`);
  }
}

await Promise.all(Array.from({ length: PEOPLE }, person));

for (const failure of failures.slice(0, 10)) console.error(failure);
console.log(`${requests} requests in ${SECONDS} s, ${failures.length} failures`);
if (failures.length > 0 || requests < FEWEST_REQUESTS) Deno.exit(1);
