// Asks a handler directly, without a server.

type Handler = (req: Request) => Promise<Response>;

export const send = (handle: Handler, init: RequestInit, path = "/"): Promise<Response> =>
  handle(new Request(`http://function${path}`, init));

export async function ask(handle: Handler, action: unknown, fields = {}) {
  const body = JSON.stringify({ action, ...fields });
  const response = await send(handle, { method: "POST", body });
  return { status: response.status, json: await response.json() };
}
