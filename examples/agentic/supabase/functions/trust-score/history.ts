// What did each agent do?

import type { Kind } from "./trust.ts";

export interface TrustEvent {
  readonly kind: Kind;
  readonly reporterEmail: string | null;
}

// Memory is bounded: an agent's older events have faded to nothing, and the agent heard of
// first is forgotten first.
const MOST_EVENTS = 300;
const MOST_AGENTS = 1000;

const seed = (...kinds: Kind[]): TrustEvent[] =>
  kinds.map((kind) => ({ kind, reporterEmail: null }));

const histories = new Map<string, TrustEvent[]>([
  ["atlas", seed(...Array<Kind>(12).fill("task_completed"), "positive_review")],
  ["beacon", seed("task_completed", "task_failed", "task_completed", "positive_review")],
  ["cinder", seed("task_completed", "policy_violation", "task_completed")],
]);

export const historyOf = (agent: string): Kind[] =>
  (histories.get(agent) ?? []).map((event) => event.kind);

export function remember(agent: string, event: TrustEvent): void {
  const events = [...histories.get(agent) ?? [], event].slice(-MOST_EVENTS);
  histories.set(agent, events);
  if (histories.size > MOST_AGENTS) histories.delete([...histories.keys()][0]);
}
