// Which personal data does the app hold, why, and for how long?
//
// tests/privacy holds this list against the columns the migrations mark as personal.

export interface PersonalColumn {
  readonly table: string;
  readonly column: string;
  readonly subject: string;
  readonly purpose: string;
  readonly legal_basis: string;
  readonly retention_days: number;
  readonly erasure: string;
}

export const INVENTORY: readonly PersonalColumn[] = [
  {
    table: "agents",
    column: "owner_email",
    subject: "the person who registered an agent",
    purpose: "to reach the person responsible for the agent",
    legal_basis: "contract, Art. 6(1)(b)",
    retention_days: 365,
    erasure: "deleted with the agent",
  },
  {
    table: "trust_events",
    column: "reporter_email",
    subject: "the person who rated an agent",
    purpose: "to ask back when a rating is disputed",
    legal_basis: "legitimate interest, Art. 6(1)(f)",
    retention_days: 90,
    erasure: "set to null; the event itself is not personal",
  },
];
