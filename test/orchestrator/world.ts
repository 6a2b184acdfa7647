import { expect } from 'vitest';
import { coordinationSchema, teamContextSchema, type Coordination } from '../../src/model/documents.ts';
import { PHASES, type Phase, type PhaseState } from '../../src/model/phase.ts';
import type { Effect, Outcome } from '../../src/orchestrator/decision.ts';
import type { Measured } from '../../src/orchestrator/phase-gates.ts';
import { PLAIN_REACH } from '../../src/orchestrator/reach.ts';
import type { ActiveTask, RelayState } from '../../src/orchestrator/relay-state.ts';
import { leasesReleased, resume, type RunningAgent } from '../../src/orchestrator/resume.ts';
import { acceptCompletion, handleTeamCompletion, type Completion } from '../../src/orchestrator/team-completion.ts';
import { EMPTY, START_MS } from './session.ts';

/** Files that two tasks of the model may both name. */
export const LEASED = 'package.json';

/**
 * What is around the orchestrator: agents that run, leases that are held, a clock. Each step goes through `apply`, which
 * holds the states before and after against the invariants, told from the documents alone, not by the orchestrator's code.
 */
export class World {
  state: RelayState = EMPTY;
  nowMs = START_MS;
  agents: RunningAgent[] = [];
  /** Team → for which assignment it acquired its lease. */
  readonly holders = new Map<string, number>();
  steps = 0;

  get coordination(): Coordination | null {
    return this.state.coordination;
  }

  /** `dies`: the orchestrator is killed after its write; another one starts from what is on disk. */
  apply<T>(outcome: Outcome<T>, dies = false): T | null {
    if (!outcome.ok) return null;
    this.steps++;
    const before = this.state;
    const after = JSON.parse(JSON.stringify(outcome.state)) as RelayState;
    checkStep(before, after, outcome.effects);
    this.state = deepFreeze(after);
    for (const effect of dies ? resume(this.state, this.surroundings()) : outcome.effects) this.#carryOut(effect);
    this.#checkSurroundings();
    return outcome.decision;
  }

  complete(completion: Completion, measured: Measured, dies = false): Outcome<unknown> {
    const accepted = acceptCompletion(this.state, completion);
    if (!accepted.ok) return accepted;
    // As the agent's process does, whose gates are measured before the answer is there.
    this.agents = this.agents.filter((agent) => agent.team !== completion.team);
    const outcome = handleTeamCompletion(this.state, { ...completion, measured, standing: accepted.standing, nowMs: this.nowMs });
    this.apply(outcome, dies);
    return outcome;
  }

  surroundings(): Parameters<typeof resume>[1] {
    return { agents: this.agents, leases: [...this.holders.keys()].map((team) => ({ file: LEASED, team, since: new Date(this.nowMs).toISOString(), durationMs: 30_000 })), reach: PLAIN_REACH };
  }

  #carryOut(effect: Effect): void {
    if (effect.effect === 'release-leases') {
      this.holders.delete(effect.team);
      this.state = deepFreeze(leasesReleased(this.state, [effect.team]));
    }
    else if (effect.effect === 'end-agent') this.agents = this.agents.filter((agent) => agent.team !== effect.team);
    else {
      const { team_id: team, assignment, phase, retry } = effect.invocation;
      expect(this.agents.filter((agent) => agent.team === team), 'no team has two agents').toEqual([]);
      this.agents.push({ team, assignment, phase, retry });
    }
  }

  /** Whoever should work has an agent, whoever should not has neither agent nor lease, and nothing is left to be made up for. */
  #checkSurroundings(): void {
    expect(resume(this.state, this.surroundings())).toEqual([]);
    const active = new Map(activeRows(this.state.coordination).map(([, row]) => [row.team, row]));
    for (const [team, assignment] of this.holders) expect(assignment, `the lease of ${team} is of the task that it has`).toBe(active.get(team)?.assignment);
    const atWork = [...active].filter(([, row]) => !row.phase.endsWith('_completed')).map(([team]) => team);
    expect(this.agents.map(({ team }) => team).sort()).toEqual(atWork.sort());
  }
}

function checkStep(before: RelayState, after: RelayState, effects: readonly Effect[]): void {
  const { coordination } = after;
  if (coordination === null) throw new Error('a session does not disappear');
  expect(coordinationSchema.parse(coordination)).toEqual(coordination);
  for (const context of Object.values(after.teams)) expect(teamContextSchema.parse(context)).toEqual(context);
  checkCounters(coordination);
  checkApart(coordination);
  checkBounds(coordination);
  checkBarrier(before.coordination, coordination);
  checkReleases(before.coordination, coordination, effects);
  checkStarts(before.coordination, coordination);
}

function checkCounters(coordination: Coordination): void {
  const active = activeRows(coordination);
  const rows = Object.values(coordination.teams);
  expect(coordination.total_teams).toBe(rows.length);
  expect(coordination.active_teams).toBe(active.length);
  expect(rows.filter(({ status }) => status === 'ACTIVE')).toHaveLength(active.length);
  expect(new Set(active.map(([, row]) => row.team)).size, 'one task a team').toBe(active.length);
  const tasks = Object.entries(coordination.tasks);
  expect([...coordination.queue].sort()).toEqual(tasks.filter(([, row]) => row.status === 'queued').map(([id]) => id).sort());
  expect(coordination.overall_progress).toBe(Math.round(tasks.reduce((sum, [, row]) => sum + row.progress, 0) / tasks.length));
  for (const [id, row] of active) expect(coordination.teams[row.team]).toMatchObject({ status: 'ACTIVE', task_id: id, phase: row.phase, progress: row.progress });
  const open = tasks.some(([, row]) => row.status === 'queued' || row.status === 'active');
  expect(coordination.ended_at === null).toBe(open);
  // Nothing waits for a team while none is at work: then nobody would ever start it.
  if (coordination.queue.length > 0) expect(active.length).toBeGreaterThan(0);
}

function checkApart(coordination: Coordination): void {
  const active = activeRows(coordination);
  for (const [id, row] of active) {
    for (const dependency of row.dependencies) expect(coordination.tasks[dependency]?.status, `${id} needs ${dependency}`).toBe('completed');
    for (const [other, { files }] of active) {
      if (other !== id) expect(files.filter((file) => file !== LEASED && row.files.includes(file)), `${id} beside ${other}`).toEqual([]);
    }
  }
}

function checkBounds(coordination: Coordination): void {
  for (const [id, row] of Object.entries(coordination.tasks)) {
    expect(row.retry_count, `retries of ${id}`).toBeLessThanOrEqual(3);
    expect(row.attempts, `attempts of ${id}`).toBeLessThanOrEqual(3);
    if (row.status === 'failed') expect(row.reason, `why ${id} failed`).toMatch(/\S/);
    if (row.status === 'completed') {
      expect(row.phase).toBe('report_completed');
      expect(Object.values(row.result.gates).filter(({ status }) => status !== 'passed' && status !== 'skipped'), `gates of ${id}`).toEqual([]);
      expect(Object.keys(row.result.gates)).toHaveLength(8);
    }
    for (const dependency of row.dependencies) if (coordination.tasks[dependency]?.status === 'failed') expect(row.status, `${id} depends on ${dependency}`).toBe('failed');
    const blamed = /^it depends on (.+), which failed$/.exec(row.reason ?? '')?.[1];
    if (blamed !== undefined) expect(coordination.tasks[blamed]?.status, `${id} blames ${blamed}`).toBe('failed');
  }
}

/** A task that entered a phase in this step: every other task that was and is active has the phase before behind it. */
function checkBarrier(before: Coordination | null, after: Coordination): void {
  if (before === null || after.synchronisation === 'pipelined') return;
  const stayed = activeRows(after).filter(([id, row]) => before.tasks[id]?.status === 'active' && before.tasks[id].assignment === row.assignment);
  for (const [id, row] of stayed) {
    const was = before.tasks[id]?.phase ?? 'pending';
    const place = PHASES.findIndex((phase) => phase === row.phase);
    if (place < 1 || was === row.phase) continue;
    for (const [other, { phase }] of stayed) expect(behind(phase), `${other} at ${phase} when ${id} began ${row.phase}`).toBeGreaterThanOrEqual(place);
  }
}

function checkReleases(before: Coordination | null, after: Coordination, effects: readonly Effect[]): void {
  for (const [id, row] of activeRows(before)) {
    const now = after.tasks[id];
    if (now?.status === 'active' && now.assignment === row.assignment) continue;
    const released = effects.findIndex((effect) => effect.effect === 'release-leases' && effect.team === row.team);
    expect(released, `${row.team} ended and its leases are released`).toBeGreaterThanOrEqual(0);
    const started = effects.findIndex((effect) => effect.effect === 'start-agent' && effect.invocation.team_id === row.team);
    if (started !== -1) expect(released).toBeLessThan(started);
  }
}

function checkStarts(before: Coordination | null, after: Coordination): void {
  const known = new Set(Object.values(before?.tasks ?? {}).map(({ assignment }) => assignment));
  const started = activeRows(after).filter(([, row]) => !known.has(row.assignment));
  if (after.execution === 'sequential' && started.length > 0) expect(activeRows(after)).toHaveLength(1);
}

function activeRows(coordination: Coordination | null): ActiveTask[] {
  return Object.entries(coordination?.tasks ?? {}).flatMap(([id, row]) => (row.status === 'active' ? [[id, { ...row, team: String(row.team) }] as const] : []));
}

function behind(state: PhaseState): number {
  const place = PHASES.findIndex((phase: Phase) => state === phase || state.startsWith(`${phase}_`));
  return state.endsWith('_completed') ? place + 1 : Math.max(0, place);
}

/** Whoever changes what it was given throws. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}
