// Does any file bring in code from elsewhere, or give a secret away?

const CODE = /\.(ts|tsx|js|jsx|mjs)$/;
const SKIPPED = new Set(["dist", "node_modules", ".git"]);

interface Rule {
  readonly name: string;
  readonly pattern: RegExp;
}

const RULES: readonly Rule[] = [
  {
    name: "remote import",
    pattern: /\b(?:from|import)\s*\(?\s*["'`](?:https?|npm|jsr):/g,
  },
  { name: "private key", pattern: /-----BEGIN [A-Z ]*PRIVATE KEY-----/g },
  { name: "AWS access key", pattern: /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g },
  { name: "GitHub token", pattern: /\b(?:gh[pousr]_\w{36}|github_pat_\w{50})/g },
  { name: "Slack token", pattern: /\bxox[abprs]-[\w-]{10}/g },
  { name: "Stripe key", pattern: /\b[rs]k_live_\w{16}/g },
  { name: "Supabase token", pattern: /\bsb(?:p|_secret)_\w{20}/g },
  { name: "JSON web token", pattern: /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10}/g },
];

export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

/** What is wrong in one file, in the order of the rules. */
export function findings(path: string, source: string): Finding[] {
  return RULES.flatMap(({ name, pattern }) =>
    [...source.matchAll(pattern)].map((match) => {
      const line = source.slice(0, match.index).split("\n").length;
      return { path, line, what: name };
    })
  );
}

/** The findings as other tools read them: SARIF 2.1.0. */
export function sarif(found: readonly Finding[]): unknown {
  const results = found.map(({ path, line, what }) => ({
    ruleId: what.replaceAll(" ", "-").toLowerCase(),
    level: "error",
    message: { text: `There is a ${what} in it.` },
    locations: [{
      physicalLocation: { artifactLocation: { uri: encodeURI(path) }, region: { startLine: line } },
    }],
  }));
  const driver = { name: "no_remote_imports", version: "1.0.0" };
  const runs = [{ tool: { driver }, invocations: [{ executionSuccessful: true }], results }];
  return { version: "2.1.0", runs };
}

async function write(path: string, told: unknown): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, JSON.stringify(told, null, 2));
}

async function* codeBelow(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = folder === "." ? name : `${folder}/${name}`;
    if (isDirectory && !SKIPPED.has(name)) yield* codeBelow(path);
    if (!isDirectory && CODE.test(name)) yield path;
  }
}

if (import.meta.main) {
  const paths = (await Array.fromAsync(codeBelow("."))).sort();
  const sources = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  const found = paths.flatMap((path, place) => findings(path, sources[place]));
  for (const { path, line, what } of found) console.error(`${path}:${line}: ${what}`);
  console.log(`${paths.length} files, ${found.length} findings`);
  const wanted = Deno.args.find((word) => word.startsWith("--sarif="));
  if (wanted) await write(wanted.slice("--sarif=".length), sarif(found));
  if (found.length > 0 || paths.length === 0) Deno.exit(1);
}
