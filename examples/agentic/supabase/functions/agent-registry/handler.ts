// Register, list and look up agents. An owner's address is kept but never shown.

import type { Body } from "../_shared/body.ts";
import { agentId, email, integer, text } from "../_shared/fields.ts";
import { invalid, Refused } from "../_shared/refused.ts";
import { service } from "../_shared/service.ts";
import { type Agent, count, find, idFor, keep, newest } from "./registry.ts";

const card = ({ id, name, purpose }: Agent) => ({ id, name, purpose });

function register(body: Body) {
  const name = text(body, "name", 60);
  const id = idFor(name);
  const agent = {
    id,
    name,
    purpose: text(body, "purpose", 200),
    ownerEmail: email(body, "owner_email"),
  };
  if (id === "") throw invalid("name must contain a letter or a digit");
  if (find(id)) throw new Refused(409, "already_registered", `an agent named ${id} exists`);
  keep(agent);
  return card(agent);
}

function list(body: Body) {
  const limit = body.limit === undefined ? 20 : integer(body, "limit", 1, 100);
  return { agents: newest(limit).map(card), total: count() };
}

function get(body: Body) {
  const id = agentId(body);
  const agent = find(id);
  if (!agent) throw new Refused(404, "unknown_agent", `no agent has the id ${id}`);
  return card(agent);
}

export const handle = service("agent-registry", { register, list, get });
