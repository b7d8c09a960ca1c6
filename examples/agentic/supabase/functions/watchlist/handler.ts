// Keep for each signed-in person which agents they watch. Nobody sees another's list.

import type { Body } from "../_shared/body.ts";
import { agentId, text } from "../_shared/fields.ts";
import { Refused } from "../_shared/refused.ts";
import { service } from "../_shared/service.ts";
import { personOf } from "../_shared/token.ts";
import { watch as add, watchedBy } from "./lists.ts";

/** The handler; `secret` is what tokens are signed with, and without it nobody is let in. */
export function watchlist(secret: string | undefined) {
  async function watch(body: Body, req: Request) {
    const person = await personOf(req, secret);
    add(person, agentId(body));
    return { watched: watchedBy(person) };
  }

  async function list(body: Body, req: Request) {
    const person = await personOf(req, secret);
    const owner = body.owner === undefined ? person : text(body, "owner", 200);
    if (owner !== person) throw new Refused(403, "not_yours", "this list is another person's");
    return { watched: watchedBy(person) };
  }

  return service("watchlist", { watch, list });
}
