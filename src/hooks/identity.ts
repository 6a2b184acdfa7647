/** Loaded by the thin client: nothing is imported. */
export interface TeamIdentity {
  readonly team: string;
  /** `implementer`; null for a bare `team1`. */
  readonly role: string | null;
}

/**
 * The team that an agent's name stands for: `team1`, `team1_implementer` (also with `-`), a plugin's `spark:team1_implementer`. A teammate's
 * type is its name, and is read the same. `team10x` and `steam1` are nobody's; so is the empty name that a client gives to its own helpers.
 */
export function teamOf(agentType: string): TeamIdentity | null {
  const found = /^(?:[^:]*:)*(team[1-9]\d*)(?:[_-]([A-Za-z][\w-]*))?$/.exec(agentType);
  return found?.[1] === undefined ? null : { team: found[1], role: found[2]?.toLowerCase() ?? null };
}

const PHASE_OF_ROLE: Readonly<Record<string, string>> = {
  implementer: 'implementation', implementation: 'implementation',
  quality: 'quality',
  tester: 'testing', testing: 'testing',
  reviewer: 'review', review: 'review',
  reporter: 'report', report: 'report',
};

/** The phase that an agent of this role is for; null where the role says none. */
export function phaseOfRole(role: string | null): string | null {
  return role !== null && Object.hasOwn(PHASE_OF_ROLE, role) ? (PHASE_OF_ROLE[role] ?? null) : null;
}
