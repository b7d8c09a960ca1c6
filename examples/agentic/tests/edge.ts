// How do the tests reach the running app?

function edge(): string {
  const url = Deno.env.get("FAIRLEAD_URL");
  if (!url) {
    throw new Error("FAIRLEAD_URL is not set; point it at the edge, such as http://127.0.0.1:8080");
  }
  return url.replace(/\/+$/, "");
}

const URL_OF_EDGE = edge();
const RELEASE = Deno.env.get("FAIRLEAD_RELEASE");
const PATIENCE_MS = 5000;

export const FUNCTIONS = ["agent-registry", "trust-score", "gdpr-compliance", "watchlist"];

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON, or undefined when it is something else. */
  // deno-lint-ignore no-explicit-any -- tests look into answers of every shape
  readonly json: any;
}

function jsonOf(text: string) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One request to the edge; the header reaches a release that has no traffic yet. */
export async function request(path: string, init: RequestInit = {}): Promise<Reply> {
  const headers = new Headers(init.headers);
  if (RELEASE) headers.set("x-fairlead-release", RELEASE);
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const response = await fetch(URL_OF_EDGE + path, { ...init, headers, signal });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: jsonOf(text) };
}

/** POSTs a body as it is, right or wrong. */
export const post = (name: string, body: BodyInit, headers: HeadersInit = {}): Promise<Reply> =>
  request(`/functions/v1/${name}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

export const call = (name: string, action: string, fields = {}): Promise<Reply> =>
  post(name, JSON.stringify({ action, ...fields }));

/** A name no earlier run has used. */
export const freshName = (): string => `Test ${crypto.randomUUID().slice(0, 8)}`;
