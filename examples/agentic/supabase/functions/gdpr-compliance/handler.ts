// Say which personal data is held, and whether it is held properly.

import type { Body } from "../_shared/body.ts";
import { oneOf } from "../_shared/fields.ts";
import { service } from "../_shared/service.ts";
import { INVENTORY } from "./inventory.ts";
import { report } from "./report.ts";

const REPORTS = ["full", "deployment", "post_deployment"] as const;

function compliance_report(body: Body) {
  const type = body.report_type === undefined ? "full" : oneOf(body, "report_type", REPORTS);
  return report(INVENTORY, type, new Date());
}

function data_inventory() {
  return { personal_data: INVENTORY };
}

export const handle = service("gdpr-compliance", { compliance_report, data_inventory });
