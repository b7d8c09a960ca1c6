// Which agents are known?

export interface Agent {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly ownerEmail: string;
}

const SEEDS: readonly Agent[] = [
  {
    id: "atlas",
    name: "Atlas",
    purpose: "Plans delivery routes",
    ownerEmail: "routes@example.com",
  },
  {
    id: "beacon",
    name: "Beacon",
    purpose: "Answers customers' questions",
    ownerEmail: "support@example.com",
  },
  {
    id: "cinder",
    name: "Cinder",
    purpose: "Watches invoices for fraud",
    ownerEmail: "finance@example.com",
  },
];

export const MOST_AGENTS = 500;

const agents = new Map<string, Agent>(SEEDS.map((agent) => [agent.id, agent]));

/** "Route Planner 2" becomes "route-planner-2". */
export const idFor = (name: string): string =>
  name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");

export const find = (id: string): Agent | undefined => agents.get(id);

export const newest = (limit: number): Agent[] => [...agents.values()].slice(-limit).reverse();

export const count = (): number => agents.size;

/** Keeps the agent; memory is bounded, so the oldest registered one is forgotten when full. */
export function keep(agent: Agent): void {
  if (agents.size >= MOST_AGENTS) agents.delete([...agents.keys()][SEEDS.length]);
  agents.set(agent.id, agent);
}
