// Copies frontend/ to dist/; scripts and styles get their content's hash in their name, so that
// they may be cached for ever. The same input always gives the same bytes.

export type Files = Map<string, Uint8Array<ArrayBuffer>>;

const HASHED = /\.(css|js)$/;

async function hashedName(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return name.replace(HASHED, `.${digest.toHex().slice(0, 12)}.$1`);
}

/** The finished site for these source files; refuses an asset the page does not name. */
export async function built(source: Files): Promise<Files> {
  const page = source.get("index.html");
  if (!page) throw new Error("frontend/index.html is missing");

  let html = new TextDecoder().decode(page);
  const site: Files = new Map();
  for (const [name, bytes] of source) {
    if (!HASHED.test(name)) {
      site.set(name, bytes);
      continue;
    }
    const hashed = await hashedName(name, bytes);
    if (!html.includes(`"${name}"`)) throw new Error(`index.html does not use ${name}`);
    html = html.replaceAll(`"${name}"`, `"${hashed}"`);
    site.set(hashed, bytes);
  }
  return site.set("index.html", new TextEncoder().encode(html));
}

async function read(folder: string): Promise<Files> {
  const files: Files = new Map();
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (!isFile) throw new Error(`${folder}/${name} is not a file; the site is one flat folder`);
    files.set(name, await Deno.readFile(`${folder}/${name}`));
  }
  return files;
}

async function write(folder: string, files: Files): Promise<void> {
  await Deno.remove(folder, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(folder);
  for (const [name, bytes] of files) await Deno.writeFile(`${folder}/${name}`, bytes);
}

if (import.meta.main) {
  const site = await built(await read("frontend"));
  await write("dist", site);
  for (const name of [...site.keys()].sort()) console.log(`dist/${name}`);
}
