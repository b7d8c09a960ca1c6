// What does every answer look like?

import type { Refused } from "./refused.ts";

const METHODS = "GET, HEAD, OPTIONS, POST";

// Pages on any origin may call, because the static site often lives on another host than its
// functions. Credentials are never allowed, so a foreign page learns only what anybody may read.
const CORS = {
  "access-control-allow-origin": "*",
  "access-control-allow-methods": METHODS,
  "access-control-allow-headers": "authorization, content-type, x-fairlead-release",
};

const HEADERS = {
  ...CORS,
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

export const success = (result: unknown): Response =>
  Response.json({ success: true, result }, { headers: HEADERS });

export const failure = (refused: Refused): Response => {
  const { status, code, message, details } = refused;
  const allow: Record<string, string> = status === 405 ? { allow: METHODS } : {};
  return Response.json(
    { success: false, error: { code, message, ...details } },
    { status, headers: { ...HEADERS, ...allow } },
  );
};

export const preflight = (): Response => new Response(null, { status: 204, headers: HEADERS });
