// How does a request reach its action?

import { failure, preflight, success } from "./answer.ts";
import { type Body, bodyOf } from "./body.ts";
import { Refused } from "./refused.ts";

export type Action = (body: Body, req: Request) => unknown;

async function perform(req: Request, actions: Map<string, Action>): Promise<unknown> {
  const body = await bodyOf(req);
  const action = actions.get(body.action as string);
  if (action === undefined) {
    const message = "action must be one of the allowed actions";
    throw new Refused(400, "unknown_action", message, { allowed: [...actions.keys()] });
  }
  return action(body, req);
}

function refusal(name: string, error: unknown): Refused {
  if (error instanceof Refused) return error;
  console.error(`${name}:`, error);
  return new Refused(500, "internal", `${name} could not answer`);
}

/** The handler of one function: POST performs an action, GET says whether it is healthy. */
export function service(name: string, own: Record<string, Action>) {
  const health = () => ({ status: "healthy", function: name });
  const actions = new Map(Object.entries({ health_check: health, ...own }));

  return async function handle(req: Request): Promise<Response> {
    try {
      switch (req.method) {
        case "POST":
          return success(await perform(req, actions));
        case "GET":
        case "HEAD":
          return success(health());
        case "OPTIONS":
          return preflight();
        default:
          throw new Refused(405, "method_not_allowed", `${req.method} is not allowed here`);
      }
    } catch (error) {
      return failure(refusal(name, error));
    }
  };
}
