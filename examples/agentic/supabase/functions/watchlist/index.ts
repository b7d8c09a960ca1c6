import { watchlist } from "./handler.ts";

Deno.serve(watchlist(Deno.env.get("JWT_SECRET")));
