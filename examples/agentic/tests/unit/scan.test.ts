import { findings as found } from "../../scripts/no_remote_imports.ts";
import { equal } from "../assert.ts";

const findings = (path: string, source: string) =>
  found(path, source).map((one) => `${one.path}:${one.line}: ${one.what}`);

// The samples are glued together here, so that the scan does not find them in this file.
const from = (address: string) => `import { a } from ${JSON.stringify(address)};`;

Deno.test("local imports are fine", () => {
  equal(findings("a.ts", from("./b.ts") + '\nfetch("https://example.com");'), []);
});

Deno.test("every kind of remote import is found with its line", () => {
  for (const address of ["https:" + "//example.com/x.ts", "npm:" + "left-pad", "jsr:" + "@a/b"]) {
    equal(findings("a.ts", `\n${from(address)}`), ["a.ts:2: remote import"]);
    equal(findings("a.ts", "await import" + `("${address}")`), ["a.ts:1: remote import"]);
  }
});

Deno.test("secrets are found", () => {
  const key = "-----BEGIN " + "RSA PRIVATE KEY-----";
  equal(findings("a.ts", `const key = \`${key}\``), ["a.ts:1: private key"]);
  equal(findings("a.ts", "AKIA" + "ABCDEFGHIJKLMNOP"), ["a.ts:1: AWS access key"]);
  equal(findings("a.ts", "ghp_" + "a".repeat(36)), ["a.ts:1: GitHub token"]);
});
