// Is this field what the action needs?

import type { Body } from "./body.ts";
import { invalid } from "./refused.ts";

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const AGENT_ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The trimmed text of a field, 1 to `most` characters long. */
export function text(body: Body, field: string, most: number): string {
  const value = body[field];
  const trimmed = typeof value === "string" ? value.trim() : "";
  if (trimmed.length < 1 || trimmed.length > most) {
    throw invalid(`${field} must be text of 1 to ${most} characters`);
  }
  return trimmed;
}

export function email(body: Body, field: string): string {
  const value = text(body, field, 254);
  if (!EMAIL.test(value)) throw invalid(`${field} must be an e-mail address`);
  return value;
}

export function agentId(body: Body): string {
  const value = text(body, "agent_id", 63);
  if (!AGENT_ID.test(value)) {
    throw invalid("agent_id must be lower-case letters, digits and hyphens");
  }
  return value;
}

export function oneOf<T extends string>(body: Body, field: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === body[field]);
  if (found === undefined) throw invalid(`${field} must be one of the allowed values`, { allowed });
  return found;
}

export function integer(body: Body, field: string, least: number, most: number): number {
  const value = body[field];
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    throw invalid(`${field} must be a whole number from ${least} to ${most}`);
  }
  return value;
}
