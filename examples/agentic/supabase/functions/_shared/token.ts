// Who calls, by the token they carry? A JSON Web Token signed with HMAC and SHA-256 (HS256).

import { Refused } from "./refused.ts";

const BEARER = /^Bearer ([\w-]+)\.([\w-]+)\.([\w-]+)$/;

const refused = () =>
  new Refused(401, "not_signed_in", "sign in: this needs a token that is valid now");

const bytes = (part: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(
    atob(part.replaceAll("-", "+").replaceAll("_", "/")),
    (letter) => letter.charCodeAt(0),
  );

const parsed = (part: string) => JSON.parse(new TextDecoder().decode(bytes(part)));

async function isSigned(text: string, signature: string, secret: string): Promise<boolean> {
  const name = { name: "HMAC", hash: "SHA-256" };
  const encoded = new TextEncoder();
  const key = await crypto.subtle.importKey("raw", encoded.encode(secret), name, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, bytes(signature), encoded.encode(text));
}

async function claimsOf(token: RegExpMatchArray, secret: string) {
  const [, head, body, signature] = token;
  try {
    if (parsed(head).alg !== "HS256") return undefined;
    return await isSigned(`${head}.${body}`, signature, secret) ? parsed(body) : undefined;
  } catch {
    return undefined; // not base64, or not JSON
  }
}

/** The person (`sub`) whose valid token the request carries; without a secret nobody is let in. */
export async function personOf(req: Request, secret = "", now = Date.now()): Promise<string> {
  const token = req.headers.get("authorization")?.match(BEARER);
  if (!token || secret === "") throw refused();
  const claims = await claimsOf(token, secret);
  const isFresh = typeof claims?.exp === "number" && claims.exp * 1000 > now;
  if (!isFresh || typeof claims.sub !== "string" || claims.sub === "") throw refused();
  return claims.sub;
}
