/** The phases of a task, in the specification's order. */
export const PHASES = ['implementation', 'quality', 'testing', 'review', 'report'] as const;

export type Phase = (typeof PHASES)[number];

/**
 * Where a team stands within its task, as `phase` of its context says it. `quality_retry` is the specification's; the
 * others have the same form.
 *
 *     pending ──▶ implementation ──▶ implementation_completed ──▶ quality ──▶ … ──▶ report_completed
 *                                                                   ▲ │
 *                                                     quality_retry └─┘
 */
export type PhaseState = 'pending' | Phase | `${Phase}_completed` | `${Phase}_retry`;

export const PHASE_STATES: readonly PhaseState[] = ['pending', ...PHASES.flatMap((phase) => [phase, `${phase}_completed` as const, `${phase}_retry` as const])];

/** Which phase a state is about, or null before the first. */
export function phaseOf(state: PhaseState): Phase | null {
  return PHASES.find((phase) => state === phase || state.startsWith(`${phase}_`)) ?? null;
}

export function nextPhase(phase: Phase): Phase | null {
  return PHASES[PHASES.indexOf(phase) + 1] ?? null;
}
