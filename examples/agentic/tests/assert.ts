// The few assertions the tests need.

const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);

export function ok(claim: unknown, otherwise: string): asserts claim {
  if (!claim) throw new Error(otherwise);
}

/** Equal as JSON: both sides are written out and compared. */
export function equal(found: unknown, wanted: unknown): void {
  ok(shown(found) === shown(wanted), `found ${shown(found)}, wanted ${shown(wanted)}`);
}
