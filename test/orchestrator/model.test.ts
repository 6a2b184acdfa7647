import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareText } from '../../src/model/finding.ts';
import type { GateId } from '../../src/model/gate.ts';
import { PHASES, type Phase } from '../../src/model/phase.ts';
import type { Task } from '../../src/model/task.ts';
import { handleMultiImplement } from '../../src/orchestrator/multi-implement.ts';
import { GATES_BY_PHASE, type Measured } from '../../src/orchestrator/phase-gates.ts';
import { checkTeams, handleTeamCrash, recordActivity } from '../../src/orchestrator/recovery.ts';
import type { RelayState } from '../../src/orchestrator/relay-state.ts';
import type { RunningAgent } from '../../src/orchestrator/resume.ts';
import { measured, verdict } from './session.ts';
import { LEASED, World } from './world.ts';

/** One thing that happens. `pick` chooses among whoever it can happen to. */
type Command =
  | { readonly kind: 'complete'; readonly pick: number; readonly bad: number; readonly dies: boolean }
  | { readonly kind: 'complete-wrongly'; readonly pick: number; readonly phase: Phase; readonly assignment: number }
  | { readonly kind: 'crash'; readonly pick: number; readonly dies: boolean }
  | { readonly kind: 'activity'; readonly pick: number }
  | { readonly kind: 'lease'; readonly pick: number }
  | { readonly kind: 'look'; readonly elapsedMs: number; readonly dies: boolean }
  | { readonly kind: 'misreport'; readonly pick: number; readonly phase: Phase };

interface Scenario {
  readonly tasks: readonly Task[];
  readonly teams: number;
  readonly synchronisation: 'barrier' | 'pipelined';
  readonly commands: readonly Command[];
}

const pick = fc.nat({ max: 20 });
const dies = fc.boolean();
const phase = fc.constantFrom(...PHASES);

const command: fc.Arbitrary<Command> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('complete' as const), pick, bad: fc.constantFrom(0, 0, 0, 1, 2), dies }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('complete-wrongly' as const), pick, phase, assignment: fc.nat({ max: 12 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('crash' as const), pick, dies }) },
  { weight: 5, arbitrary: fc.oneof(fc.record({ kind: fc.constant('activity' as const), pick }), fc.record({ kind: fc.constant('lease' as const), pick })) },
  // Backward by a day, forward by a day, and looks as they should be.
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('look' as const), elapsedMs: fc.constantFrom(-86_400_000, 0, 30_000, 299_000, 300_000, 300_000, 86_400_000), dies }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('misreport' as const), pick, phase }) },
);

/** Each task may depend on earlier ones; ids that look like numbers, and one that every object has. */
const tasks: fc.Arbitrary<readonly Task[]> = fc
  .array(fc.record({ files: fc.uniqueArray(fc.constantFrom('src/a/x.ts', 'src/a/y.ts', 'src/b/x.ts', 'src/b/y.ts', 'src/c/x.ts', LEASED), { maxLength: 3 }), dependsOn: fc.uniqueArray(fc.nat({ max: 11 }), { maxLength: 2 }), priority: fc.nat({ max: 2 }) }), { minLength: 1, maxLength: 12 })
  .map((drafts) => drafts.map(({ files, dependsOn, priority }, index) => ({
    id: idOf(index), description: 'work', files, priority, dependencies: dependsOn.filter((other) => other < index).map(idOf),
  })));

const scenario: fc.Arbitrary<Scenario> = fc.record({
  tasks, teams: fc.integer({ min: 1, max: 5 }), synchronisation: fc.constantFrom('barrier' as const, 'pipelined' as const), commands: fc.array(command, { maxLength: 80 }),
});

function idOf(index: number): string {
  return index === 3 ? 'constructor' : index % 2 === 0 ? String(20 - index) : `T-${index}`;
}

test('whatever happens, the invariants hold, and when agents keep answering every task ends', () => {
  const seen = { completed: 0, failed: 0, sequential: 0, steps: 0, retries: 0, reassigned: 0 };
  fc.assert(fc.property(scenario, fc.boolean(), (given, endsBadly) => {
    const world = play(given);
    finish(world, endsBadly);
    const rows = Object.values(world.coordination?.tasks ?? {});
    expect(rows.filter(({ status }) => status !== 'completed' && status !== 'failed')).toEqual([]);
    expect(world.agents).toEqual([]);
    expect([...world.holders.keys()]).toEqual([]);
    seen.completed += rows.filter(({ status }) => status === 'completed').length;
    seen.failed += rows.filter(({ status }) => status === 'failed').length;
    seen.retries += rows.filter(({ retry_count: retries }) => retries > 0).length;
    seen.reassigned += rows.filter(({ attempts }) => attempts > 1).length;
    seen.sequential += world.coordination?.execution === 'sequential' ? 1 : 0;
    seen.steps += world.steps;
  }), { numRuns: 120 });
  // A model that never gets anywhere would hold any invariant.
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(20);
}, 240_000);

test('the same happenings end in the same documents, however often the orchestrator dies on the way', () => {
  fc.assert(fc.property(scenario, (given) => {
    const lives = play({ ...given, commands: given.commands.map((one) => ('dies' in one ? { ...one, dies: false } : one)) });
    const diesAlways = play({ ...given, commands: given.commands.map((one) => ('dies' in one ? { ...one, dies: true } : one)) });
    expect(diesAlways.state).toEqual(lives.state);
    expect(new Set(diesAlways.agents.map((agent) => JSON.stringify(agent)))).toEqual(new Set(lives.agents.map((agent) => JSON.stringify(agent))));
    expect(diesAlways.holders).toEqual(lives.holders);
  }), { numRuns: 60 });
}, 240_000);

function play({ tasks: given, teams, synchronisation, commands }: Scenario): World {
  const world = new World();
  world.apply(handleMultiImplement(world.state, { tasks: given, taskIds: given.map(({ id }) => id), teams, synchronisation, nowMs: world.nowMs }));
  for (const one of commands) {
    world.nowMs += 1_000;
    happen(world, one);
  }
  return world;
}

function happen(world: World, one: Command): void {
  const agents = world.agents.toSorted((a, b) => compareText(a.team, b.team));
  if (one.kind === 'look') {
    world.nowMs += one.elapsedMs;
    world.apply(checkTeams(world.state, { nowMs: world.nowMs }), one.dies);
  } else if (one.kind === 'complete-wrongly') {
    completeWrongly(world, { team: `team${(one.pick % 6) + 1}`, phase: one.phase, assignment: one.assignment });
  } else {
    const agent = agents[one.pick % Math.max(1, agents.length)];
    if (agent !== undefined) happenTo(world, agent, one);
  }
}

function completeWrongly(world: World, completion: { team: string; phase: Phase; assignment: number }): void {
  const before = world.state;
  if (world.agents.some((agent) => agent.team === completion.team && agent.phase === completion.phase && agent.assignment === completion.assignment)) return;
  expect(world.complete(completion, measured(completion.phase)).ok).toBe(false);
  expect(world.state).toBe(before);
}

function happenTo(world: World, agent: RunningAgent, one: Exclude<Command, { kind: 'look' | 'complete-wrongly' }>): void {
  const { team, assignment, retry } = agent;
  const at = agent.phase;
  switch (one.kind) {
    case 'complete':
      expect(world.complete({ team, phase: at, assignment, retry }, verdicts(at, one.bad), one.dies).ok).toBe(true);
      return;
    case 'crash':
      world.apply(handleTeamCrash(world.state, { team, assignment, reason: 'killed', nowMs: world.nowMs }), one.dies);
      return;
    case 'activity':
      world.apply(recordActivity(world.state, { team, assignment, nowMs: world.nowMs }));
      return;
    case 'lease':
      world.holders.set(team, assignment);
      return;
    case 'misreport':
      world.state = misreported(world.state, team, one.phase);
  }
}

/** An agent writes into its context that it is further than it is. */
function misreported(state: RelayState, team: string, claimed: Phase): RelayState {
  const context = state.teams[team];
  if (context === undefined) return state;
  return { ...state, teams: { ...state.teams, [team]: { ...context, phase: `${claimed}_completed`, retry_count: 0, max_retries: 99, status: 'completed', assignment: 0 } } };
}

/** 0: all gates pass; 1: one fails; 2: one could not run. */
function verdicts(at: Phase, bad: number): Measured {
  const gate: GateId | undefined = GATES_BY_PHASE[at][0];
  return bad === 0 || gate === undefined ? measured(at) : measured(at, { [gate]: verdict({ status: bad === 1 ? 'failed' : 'error', reason: 'planted' }) });
}

/** Agents answer, one after the other, until there are none. */
function finish(world: World, badly: boolean): void {
  for (let left = 5_000; world.agents.length > 0; left--) {
    expect(left).toBeGreaterThan(0);
    happen(world, { kind: 'complete', pick: left, bad: badly ? 1 : 0, dies: left % 3 === 0 });
    world.nowMs += 1_000;
  }
}
