import { INVENTORY } from "../../supabase/functions/gdpr-compliance/inventory.ts";
import { report } from "../../supabase/functions/gdpr-compliance/report.ts";
import { equal } from "../assert.ts";

const NOON = new Date("2026-01-05T12:00:00Z");

Deno.test("our own inventory is compliant", () => {
  equal(report(INVENTORY, "full", NOON).compliant, true);
});

Deno.test("an empty inventory is never compliant", () => {
  equal(report([], "full", NOON).compliant, false);
});

Deno.test("a column kept for ever fails one check, which names it", () => {
  const forever = { ...INVENTORY[0], retention_days: 0 };
  const { compliant, checks } = report([forever, INVENTORY[1]], "full", NOON);
  equal(compliant, false);
  const failed = checks.filter((check) => !check.passed);
  equal(failed.map((check) => check.missing), [["agents.owner_email"]]);
  equal(failed[0].evidence, "1 of 2 columns");
});

Deno.test("a report says when it was made", () => {
  equal(report(INVENTORY, "full", NOON).generated_at, "2026-01-05T12:00:00.000Z");
});
