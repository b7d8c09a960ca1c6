// What went wrong, when it is the caller's to put right?

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}

export const invalid = (message: string, details = {}): Refused =>
  new Refused(400, "invalid_field", message, details);
