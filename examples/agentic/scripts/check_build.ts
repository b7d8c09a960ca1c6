// Would what is built and deployed load? The page finds all that it names in dist/, and every script
// of the page and every function parses and finds its imports without the network. Types are the
// business of `deno task check`.

const FUNCTIONS = "supabase/functions";
const LOCAL = /\b(?:src|href)="(?![a-z]+:|\/\/|#)([^"]+)"/g;

/** What the page names and the site does not have. */
export function missing(page: string, site: readonly string[]): string[] {
  return [...page.matchAll(LOCAL)].map(([, name]) => name).filter((name) => !site.includes(name));
}

/** The files that programs start with; refuses an app without a function or a page without any. */
export function entries(site: readonly string[], functions: readonly string[]): string[] {
  const scripts = site.filter((name) => name.endsWith(".js")).map((name) => `dist/${name}`);
  const served = functions.filter((name) => !/^[_.]/.test(name));
  if (scripts.length === 0) throw new Error("dist/ has no script: was it built?");
  if (served.length === 0) throw new Error(`${FUNCTIONS} has no function`);
  return [...scripts, ...served.map((name) => `${FUNCTIONS}/${name}/index.ts`)];
}

async function names(folder: string, wanted: (entry: Deno.DirEntry) => boolean): Promise<string[]> {
  const found = await Array.fromAsync(Deno.readDir(folder));
  return found.filter(wanted).map(({ name }) => name).sort();
}

if (import.meta.main) {
  const site = await names("dist", ({ isFile }) => isFile);
  const lost = missing(await Deno.readTextFile("dist/index.html"), site);
  for (const name of lost) console.error(`dist/index.html names ${name}, which was not built`);
  const files = entries(site, await names(FUNCTIONS, ({ isDirectory }) => isDirectory));
  // The configuration leaves dist/ out, and a file that was left out would pass.
  const args = [
    "cache",
    "--no-check",
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    ...files,
  ];
  const { success } = await new Deno.Command("deno", { args }).spawn().status;
  if (lost.length > 0 || !success) Deno.exit(1);
  console.log(`${files.length} entries load`);
}
