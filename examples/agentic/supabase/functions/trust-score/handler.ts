// Score an agent, explain the score, record what an agent did.

import type { Body } from "../_shared/body.ts";
import { agentId, email, oneOf } from "../_shared/fields.ts";
import { service } from "../_shared/service.ts";
import { historyOf, remember } from "./history.ts";
import { because, FADE, KINDS, PRIOR, trust, WEIGHTS } from "./trust.ts";

function scoreOf(agent: string) {
  return { agent_id: agent, ...trust(historyOf(agent)) };
}

function score(body: Body) {
  return scoreOf(agentId(body));
}

function explain(body: Body) {
  const found = scoreOf(agentId(body));
  return { ...found, because: because(found), prior: PRIOR, fade: FADE, weights: WEIGHTS };
}

function record(body: Body) {
  const agent = agentId(body);
  const kind = oneOf(body, "kind", KINDS);
  const anonymous = body.reporter_email === undefined;
  remember(agent, { kind, reporterEmail: anonymous ? null : email(body, "reporter_email") });
  return scoreOf(agent);
}

export const handle = service("trust-score", { score, explain, record });
