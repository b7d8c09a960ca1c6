import { built, type Files } from "../../scripts/build.ts";
import { entries, missing } from "../../scripts/check_build.ts";
import { equal, ok } from "../assert.ts";

const source = (style: string): Files =>
  new Map([
    ["index.html", new TextEncoder().encode('<link href="style.css"><img src="icon.svg">')],
    ["style.css", new TextEncoder().encode(style)],
    ["icon.svg", new TextEncoder().encode("<svg/>")],
  ]);

const names = async (files: Files) => [...(await built(files)).keys()].sort();
const text = (files: Files, name: string) => new TextDecoder().decode(files.get(name));

Deno.test("the page names the hashed asset", async () => {
  const site = await built(source("body {}"));
  const hashed = [...site.keys()].find((name) => /^style\.[0-9a-f]{12}\.css$/.test(name));
  ok(hashed, "no hashed style was built");
  ok(text(site, "index.html").includes(`href="${hashed}"`), "the page does not use it");
  equal(text(site, hashed), "body {}");
});

Deno.test("the same input gives the same site, and other input another name", async () => {
  equal([...await built(source("a {}"))].map(String), [...await built(source("a {}"))].map(String));
  ok(String(await names(source("a {}"))) !== String(await names(source("b {}"))), "same names");
});

Deno.test("an asset the page does not use is refused", async () => {
  const files = source("a {}").set("lost.js", new Uint8Array());
  const reason = await built(files).then(() => "built", (error) => error.message);
  equal(reason, "index.html does not use lost.js");
});

Deno.test("what the page names and nobody built is told, but not what lies elsewhere", () => {
  const page = '<img src="icon.svg"><a href="https://example.org">x</a><script src="app.1.js">';
  equal(missing(page, ["icon.svg", "app.1.js"]), []);
  equal(missing(page, ["icon.svg"]), ["app.1.js"]);
});

Deno.test("every script and function is an entry, and without any there is no build", () => {
  equal(entries(["app.1.js", "a.svg"], ["_shared", "rate"]), [
    "dist/app.1.js",
    "supabase/functions/rate/index.ts",
  ]);
  for (const [site, functions] of [[[], ["rate"]], [["app.1.js"], ["_shared"]]]) {
    let reason = "";
    try {
      entries(site, functions);
    } catch (error) {
      reason = String(error);
    }
    ok(/has no (script|function)/.test(reason), "an empty build would pass");
  }
});
