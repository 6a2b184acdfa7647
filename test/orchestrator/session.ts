import type { Task } from '../../src/model/task.ts';
import type { Coordination, TaskRow, TeamContext } from '../../src/model/documents.ts';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import type { Phase } from '../../src/model/phase.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import type { Outcome, ParallelExecution, TeamDecision } from '../../src/orchestrator/decision.ts';
import { handleMultiImplement, type MultiImplement } from '../../src/orchestrator/multi-implement.ts';
import { GATES_BY_PHASE, NOTHING_MEASURED, type Measured } from '../../src/orchestrator/phase-gates.ts';
import { activeTaskOf, taskRow, type RelayState } from '../../src/orchestrator/relay-state.ts';
import { acceptCompletion, handleTeamCompletion } from '../../src/orchestrator/team-completion.ts';

export const EMPTY: RelayState = { coordination: null, teams: {} };
export const START_MS = Date.parse('2025-08-08T10:00:00Z');

export function task(id: string, extra: Partial<Task> = {}): Task {
  return { id, description: `do ${id}`, files: [`src/${id}/main.ts`], dependencies: [], priority: 0, ...extra };
}

/** The verdicts of a phase's gates: all passed but those given. */
export function measured(phase: Phase, verdicts: Partial<Record<GateId, Partial<Verdict>>> = {}, extra: Partial<Measured> = {}): Measured {
  const gates = Object.fromEntries(GATES_BY_PHASE[phase].map((gate) => [gate, verdict(verdicts[gate])]));
  return { ...NOTHING_MEASURED, gates, ...extra };
}

export function verdict(extra: Partial<Verdict> = {}): Verdict {
  return { status: 'passed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 1, findings: [], blockers: [], ...extra };
}

/** One session, step by step, for tests that tell a story; a refusal throws. */
export class Session {
  state: RelayState = EMPTY;
  nowMs = START_MS;

  start(tasks: readonly Task[], extra: Partial<MultiImplement> = {}): ParallelExecution {
    return this.take(handleMultiImplement(this.state, { tasks, taskIds: tasks.map(({ id }) => id), nowMs: this.nowMs, ...extra }));
  }

  complete(team: string, phase: Phase, result: Measured = measured(phase)): TeamDecision {
    return this.take(this.tryComplete(team, phase, result));
  }

  tryComplete(team: string, phase: Phase, result: Measured = measured(phase), said: { assignment?: number; retry?: number } = {}): Outcome<TeamDecision> {
    const accepted = acceptCompletion(this.state, { team, phase, ...said });
    if (!accepted.ok) return accepted;
    return handleTeamCompletion(this.state, { team, phase, ...said, measured: result, standing: accepted.standing, nowMs: this.nowMs });
  }

  /** All phases up to and including this one; the team alone decides when it may. */
  completeThrough(team: string, last: Phase): void {
    for (const phase of ['implementation', 'quality', 'testing', 'review', 'report'] as const) {
      this.complete(team, phase);
      if (phase === last) return;
    }
  }

  take<T>(outcome: Outcome<T>): T {
    if (!outcome.ok) throw new Error(JSON.stringify(outcome.refusal));
    this.state = outcome.state;
    return outcome.decision;
  }

  get coordination(): Coordination {
    if (this.state.coordination === null) throw new Error('no session was started');
    return this.state.coordination;
  }

  row(id: string): TaskRow {
    const row = taskRow(this.coordination, id);
    if (row === null) throw new Error(`no task ${id}`);
    return row;
  }

  context(team: string): TeamContext {
    const context = this.state.teams[team];
    if (context === undefined) throw new Error(`no context of ${team}`);
    return context;
  }

  /** What every team has: a task and its phase, or null. */
  get teams(): Record<string, string | null> {
    return Object.fromEntries(Object.keys(this.coordination.teams).map((team) => {
      const active = activeTaskOf(this.coordination, team);
      return [team, active === null ? null : `${active[0]} ${active[1].phase}`];
    }));
  }
}

export const ALL_PASSED = Object.fromEntries(GATE_IDS.map((gate) => [gate, 'passed']));
