// The benches' app: quick answers, slow ones, streams and sockets that live until somebody hangs up.

// A release that is bad on purpose carries a file with the milliseconds every quick answer takes,
// and the share of quick answers that fail.
import delay from "./delay.json" with { type: "json" };

// Asked for /break, a release fails every quick answer from then on.
let broken = false;

const SLOW_MS = 3000;
const BEAT_MS = 100;

const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));

function events(): Response {
  let timer = 0;
  let count = 0;
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      timer = setInterval(() => {
        count += 1;
        controller.enqueue(encoder.encode(`id: ${count}\ndata: beat\n\n`));
      }, BEAT_MS);
    },
    cancel() {
      clearInterval(timer);
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

function converse(request: Request): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onmessage = (message) => socket.send(message.data);
  return response;
}

Deno.serve(async (request) => {
  const path = new URL(request.url).pathname;
  if (path.endsWith("/slow")) {
    await pause(SLOW_MS);
    return new Response("slow\n");
  }
  if (path.endsWith("/events")) return events();
  if (path.endsWith("/socket")) return converse(request);
  if (path.endsWith("/break")) broken = true;
  if (broken && path.endsWith("/quick")) return new Response("broken\n", { status: 500 });
  if (path.endsWith("/quick") && delay.ms > 0) await pause(delay.ms);
  if (path.endsWith("/quick") && Math.random() < delay.failing) {
    return new Response("failed\n", { status: 500 });
  }
  return new Response("quick\n");
});
