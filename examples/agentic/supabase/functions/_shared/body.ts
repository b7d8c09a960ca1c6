// What did the caller send?

import { Refused } from "./refused.ts";

export type Body = Record<string, unknown>;

export const MOST_BYTES = 64 * 1024;

// A client still sending when we hang up sees a reset instead of our 413, so read on a little.
const PATIENCE_BYTES = 16 * MOST_BYTES;

async function bytesOf(req: Request): Promise<Uint8Array<ArrayBuffer>> {
  const kept: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for await (const chunk of req.body ?? []) {
    size += chunk.byteLength;
    if (size <= MOST_BYTES) kept.push(chunk);
    if (size > PATIENCE_BYTES) break;
  }
  if (size > MOST_BYTES) {
    throw new Refused(413, "body_too_large", `the body is larger than ${MOST_BYTES} bytes`);
  }
  return new Uint8Array(await new Blob(kept).arrayBuffer());
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused(400, "malformed_json", "the body is not JSON in UTF-8");
  }
}

/** The JSON object in the body; refuses anything larger than 64 KiB or of another shape. */
export async function bodyOf(req: Request): Promise<Body> {
  const value = parsed(await bytesOf(req));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refused(400, "malformed_json", "the body is not a JSON object");
  }
  return value as Body;
}
