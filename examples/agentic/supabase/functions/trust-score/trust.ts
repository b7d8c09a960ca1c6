// How far can an agent be trusted, given what it did?
//
//   score = 100 × (PRIOR + Σ good) / (2 × PRIOR + Σ good + Σ bad)
//
// Every event counts its kind's weight × FADE^age, where age is the number of newer events of
// the same agent. An agent without events scores 50: unknown, neither good nor bad. The prior
// makes a first impression a weak one. Age is counted in events, not hours, so the same
// history has the same score whenever and wherever one asks.

export const PRIOR = 5;
export const FADE = 0.98;

/** What an event weighs; below zero it speaks against the agent. */
export const WEIGHTS = {
  task_completed: 1,
  positive_review: 2,
  task_failed: -2,
  policy_violation: -8,
} as const;

export type Kind = keyof typeof WEIGHTS;
export const KINDS = Object.keys(WEIGHTS) as Kind[];

export interface Trust {
  readonly score: number;
  readonly good: number;
  readonly bad: number;
  readonly events: number;
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** Judges a history, oldest event first. Sums are rounded first, so that people can check them. */
export function trust(history: readonly Kind[]): Trust {
  let good = 0;
  let bad = 0;
  history.forEach((kind, place) => {
    const weight = WEIGHTS[kind] * FADE ** (history.length - 1 - place);
    if (weight > 0) good += weight;
    else bad -= weight;
  });
  [good, bad] = [rounded(good), rounded(bad)];
  const score = rounded(100 * (PRIOR + good) / (2 * PRIOR + good + bad));
  return { score, good, bad, events: history.length };
}

/** The same judgement as a sentence a person can check with a pocket calculator. */
export function because({ score, good, bad, events }: Trust): string {
  if (events === 0) return "no events yet, so the score is 50: unknown";
  const count = events === 1 ? "1 event" : `${events} events`;
  return `${count}: 100 × (${PRIOR} + ${good}) / (${2 * PRIOR} + ${good} + ${bad}) = ${score}`;
}
