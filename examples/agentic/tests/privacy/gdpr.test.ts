// Does the running app's inventory name all personal data the database holds?

import { equal, ok } from "../assert.ts";
import { call } from "../edge.ts";

const MIGRATIONS = "supabase/migrations";

const TABLE = /create table (?:if not exists )?(?:public\.)?(\w+) \(([^;]+)\);/gi;
const COLUMN = /^ {2}(\w+) \w/gm;
const MARKED = /comment on column (?:public\.)?(\w+)\.(\w+) is 'personal:/gi;
const SOUNDS_PERSONAL = /mail|phone|address|birth|first_?name|last_?name|user|_ip$|^ip$/;

const files = (await Array.fromAsync(Deno.readDir(MIGRATIONS))).map(({ name }) => name);
const sql = files.sort().map((name) => Deno.readTextFileSync(`${MIGRATIONS}/${name}`)).join("\n");

const columns = [...sql.matchAll(TABLE)].flatMap(([, table, inside]) =>
  [...inside.matchAll(COLUMN)].map(([, column]) => `${table}.${column}`)
);
const marked = [...sql.matchAll(MARKED)].map(([, table, column]) => `${table}.${column}`).sort();

interface Held {
  table: string;
  column: string;
}

async function inventory(): Promise<string[]> {
  const { json } = await call("gdpr-compliance", "data_inventory");
  return json.result.personal_data.map((held: Held) => `${held.table}.${held.column}`).sort();
}

Deno.test("the migrations could be read", () => {
  ok(columns.length > 0 && marked.length > 0, "no columns found; this test proves nothing");
});

Deno.test("a column that sounds personal is marked as personal", () => {
  const unmarked = columns.filter((name) => SOUNDS_PERSONAL.test(name) && !marked.includes(name));
  equal(unmarked, []);
});

Deno.test("the inventory names every personal column, and only those", async () => {
  equal(await inventory(), marked);
});

Deno.test("the report is complete", async () => {
  const { json } = await call("gdpr-compliance", "compliance_report", { report_type: "full" });
  const report = json.result;
  equal(report.columns, marked.length);
  ok(report.checks.length >= 5, `only ${report.checks.length} checks`);
  for (const check of report.checks) {
    ok(check.name && check.article && check.evidence, `incomplete: ${JSON.stringify(check)}`);
    equal([check.name, check.missing], [check.name, []]);
  }
  equal(report.compliant, true);
  ok(Date.parse(report.generated_at) > 0, "the report does not say when it was made");
});

Deno.test("no answer shows an owner's or a reporter's address", async () => {
  const answers = [
    await call("agent-registry", "list", { limit: 100 }),
    await call("agent-registry", "get", { agent_id: "atlas" }),
    await call("trust-score", "explain", { agent_id: "atlas" }),
  ];
  for (const { status, text } of answers) {
    equal(status, 200);
    ok(!text.includes("@"), `an address is shown: ${text}`);
  }
});
