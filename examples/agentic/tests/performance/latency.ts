// Is the app quick? 200 requests one after another; 95 of 100 must answer within 250 ms.

import { call, type Reply, request } from "../edge.ts";

const REQUESTS = 200;
const MOST_P95_MS = 250;

const ASKED: readonly (() => Promise<Reply>)[] = [
  () => request("/"),
  () => call("agent-registry", "list"),
  () => call("trust-score", "score", { agent_id: "atlas" }),
  () => call("gdpr-compliance", "data_inventory"),
];

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.ceil(sorted.length * share) - 1];

const took: number[] = [];
let failures = 0;

for (let number = 0; number < REQUESTS; number++) {
  const start = performance.now();
  const status = await ASKED[number % ASKED.length]().then((reply) => reply.status, String);
  took.push(performance.now() - start);
  if (status === 200) continue;
  failures++;
  console.error(`request ${number + 1} failed: ${status}`);
}

took.sort((a, b) => a - b);
const [p50, p95] = [percentile(took, 0.5), percentile(took, 0.95)];
console.log(`${REQUESTS} requests, ${failures} failures`);
console.log(`p50 ${p50.toFixed(1)} ms, p95 ${p95.toFixed(1)} ms (limit ${MOST_P95_MS} ms)`);
if (failures > 0 || p95 > MOST_P95_MS) Deno.exit(1);
