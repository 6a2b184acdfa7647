import { expect, test } from 'vitest';
import type { GateId } from '../../../src/model/gate.ts';
import type { Task } from '../../../src/model/task.ts';
import { Leases } from '../../../src/locks/leases.ts';
import { narrate } from '../../../src/commands/execution-text.ts';
import { describeRefusal } from '../../../src/model/orchestrator-refusal.ts';
import type { Invocation } from '../../../src/orchestrator/decision.ts';
import { startAgent } from '../../../src/orchestrator/execution/agent-process.ts';
import { joinMeasurements } from '../../../src/orchestrator/execution/join-measurements.ts';
import { ParallelWorkflowExecutor, type Execution, type ExecutionEvent } from '../../../src/orchestrator/execution/workflow-executor.ts';
import { leaseView } from '../../../src/orchestrator/lease-view.ts';
import { MultiTeamOrchestrator } from '../../../src/orchestrator/multi-team-orchestrator.ts';
import { NOTHING_MEASURED, type Measured } from '../../../src/orchestrator/phase-gates.ts';
import { relayStore } from '../../../src/orchestrator/relay-store.ts';
import { Relay } from '../../../src/relay/relay.ts';
import { systemClock } from '../../../src/system/clock.ts';
import { systemDisk } from '../../../src/system/disk.ts';
import { systemTestEnvironment } from '../../rig/environment.ts';
import { watchLeftovers } from '../../rig/leftovers.ts';
import { makeProject, type Project } from '../../rig/project.ts';
import { task, verdict } from '../session.ts';

interface Rig {
  readonly orchestrator: MultiTeamOrchestrator;
  readonly relay: Relay;
  readonly leases: Leases;
  readonly faults: string[];
  /** Teams of each measurement, joined by blanks. */
  readonly measurements: string[];
  readonly events: ExecutionEvent[];
  execute(agent: string, options?: { signal?: AbortSignal; timeLimitMs?: number; onLook?(): void; onEvent?(event: ExecutionEvent): void }): Promise<Execution>;
}

type Verdicts = (team: string, gates: readonly GateId[]) => Measured;

/** What a measurement waits for before it answers. */
type Before = () => Promise<void>;

const passAll: Verdicts = (_, gates) => ({ ...NOTHING_MEASURED, gates: Object.fromEntries(gates.map((gate) => [gate, verdict()])) });

/** The real relay, leases and processes; only the gates are told what to say. */
function rig(project: Project, { verdicts = passAll, before = () => Promise.resolve(), silentMs = 60_000 }: { verdicts?: Verdicts; before?: Before; silentMs?: number } = {}): Rig {
  const folder = `${project.root}/.claude/workflows`;
  const relay = Relay.open({ folder });
  const leases = new Leases({ folder, clock: systemClock, disk: systemDisk, roots: [project.root] });
  const faults: string[] = [];
  const measurements: string[] = [];
  const events: ExecutionEvent[] = [];
  const measure = joinMeasurements(async (teams, gates) => {
    measurements.push([...teams].sort().join(' '));
    await before();
    return new Map(teams.map((team) => [team, verdicts(team, gates)]));
  });
  const orchestrator = new MultiTeamOrchestrator({ store: relayStore(relay, (fault) => { faults.push(fault); }), leases: leaseView(leases), measure, clock: systemClock, silentMs });
  return {
    orchestrator, relay, leases, faults, measurements, events,
    execute: (agent, options = {}) => new ParallelWorkflowExecutor({
      orchestrator,
      startAgent: (invocation, onOutput) => startAgent(invocation, { command: agent, root: project.root, relayFolder: folder, environment: systemTestEnvironment(), silentMs, timeLimitMs: options.timeLimitMs ?? 60_000 }, onOutput),
      onLook: () => {
        options.onLook?.();
        return Promise.resolve();
      },
      lookMs: Math.ceil(silentMs / 4),
      signal: options.signal ?? new AbortController().signal,
      onEvent: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
    }).executeParallelWorkflow(),
  };
}

async function begin({ orchestrator }: Rig, tasks: readonly Task[], extra: { teams?: number } = {}): Promise<void> {
  const answer = await orchestrator.handleMultiImplement({ taskIds: tasks.map(({ id }) => id), tasks, ...extra });
  if (!answer.ok) throw new Error(JSON.stringify(answer.refusal));
}

async function taskEnds({ relay }: Rig): Promise<Record<string, string>> {
  const read = await relay.read();
  if (!read.ok) throw new Error(JSON.stringify(read.refusal));
  return Object.fromEntries(Object.entries(read.value.coordination?.tasks ?? {}).map(([id, row]) => [id, row.reason === null ? row.status : `${row.status}: ${row.reason}`]));
}

/** An agent in JavaScript: a shell word that behaves alike everywhere. */
function agent(code: string): string {
  return `"${process.execPath}" -e "${code.replaceAll('"', '\\"')}"`;
}

const GOOD = agent('process.exitCode = 0');

test('every task goes through all phases, queued ones too, and gates are measured for all that wait in one go', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, ['A', 'B', 'C'].map((id) => task(id)), { teams: 2 });
  expect(await all.execute(GOOD)).toEqual({ status: 'ended' });
  expect(await taskEnds(all)).toEqual({ A: 'completed', B: 'completed', C: 'completed' });
  const started = all.events.flatMap((event) => (event.type === 'agent-started' ? [event.invocation.phase] : []));
  expect(started.sort()).toEqual(['implementation', 'quality', 'report', 'review', 'testing'].flatMap((phase) => [phase, phase, phase]));
  expect(all.faults).toEqual([]);
});

test('an agent is told what it is for, by environment and standard input', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, [task('T1.1')]);
  const tell = agent("let s='';process.stdin.on('data',(d)=>s+=d).on('end',()=>console.log(JSON.stringify([process.env.SPARK_GATES_TEAM,process.env.SPARK_GATES_TASK,process.env.SPARK_GATES_PHASE,process.env.SPARK_GATES_ASSIGNMENT,process.env.SPARK_GATES_RETRY,JSON.parse(require('fs').readFileSync(process.env.SPARK_GATES_CONTEXT,'utf8')).task_id,s.split(String.fromCharCode(10))[0]])))");
  await all.execute(tell);
  const [first] = all.events.flatMap((event) => (event.type === 'agent-ended' ? [event.output] : []));
  expect(JSON.parse(first ?? '')).toEqual(['team1', 'T1.1', 'implementation', '1', '0', 'T1.1', 'Execute implementation phase for T1.1 using team1_current_task.json']);
});

test('a failing gate sends the team back with the findings until the retries are used up; other teams go on', async () => {
  await using project = await makeProject({});
  const all = rig(project, { verdicts: (team, gates) => ({ ...NOTHING_MEASURED, gates: Object.fromEntries(gates.map((gate) => [gate, verdict(team === 'team1' && gate === 'lint_enforcement' ? { status: 'failed', reason: 'two findings' } : {})])) }) });
  await begin(all, [task('A'), task('B')]);
  expect(await all.execute(GOOD)).toEqual({ status: 'ended' });
  const ends = await taskEnds(all);
  expect(ends.B).toBe('completed');
  expect(ends.A).toMatch(/^failed: .*lint_enforcement/);
  const qualities = all.events.flatMap((event) => (event.type === 'agent-started' && event.invocation.team_id === 'team1' && event.invocation.phase === 'quality' ? [event.invocation.retry] : []));
  expect(qualities).toEqual([0, 1, 2, 3]);
});

test('a crashed agent loses its task to another team, with its last words; three lost teams are the end of the task', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, [task('A')]);
  expect(await all.execute(agent("console.error('out of ideas'); process.exitCode = 3"))).toEqual({ status: 'ended' });
  expect(await taskEnds(all)).toEqual({ A: 'failed: its team was lost 3 times, the last time in implementation: its agent ended with exit code 3: out of ideas' });
  expect(all.events.flatMap((event) => (event.type === 'agent-started' ? [event.invocation.team_id] : []))).toHaveLength(3);
});

test('an agent that gives no sign of life is ended, its leases are returned, and nothing of it is left', async () => {
  await using project = await makeProject({ 'package.json': '{}\n' });
  const leftovers = await watchLeftovers(project);
  const all = rig(project, { silentMs: 800 });
  await begin(all, [task('A', { files: ['package.json'] })]);
  const events: string[] = [];
  const execution = await all.execute('test -e done && exit 0; touch done; sleep 600', {
    onEvent: (event) => {
      events.push(event.type === 'decided' ? `${event.decision.team_id} ${event.decision.action}` : `${event.invocation.team_id} ${event.type}`);
      if (events.length === 1) void all.leases.acquireLock('package.json', 'team1', { durationMs: 600_000 });
    },
  });
  expect(execution).toEqual({ status: 'ended' });
  expect(await taskEnds(all)).toEqual({ A: 'completed' });
  expect(events.slice(0, 2)).toEqual(['team1 agent-started', 'team1 reassign']);
  expect(await all.leases.list()).toMatchObject({ ok: true, value: [] });
  expect((await leftovers.find()).processes).toEqual([]);
});

test('an agent that works for longer than it may is ended', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, [task('A')]);
  await all.execute('test -e done && exit 0; touch done; sleep 600', { timeLimitMs: 300 });
  expect(all.events.flatMap((event) => (event.type === 'agent-ended' && event.end.kind === 'crashed' ? [event.end.reason] : []))).toEqual(['its agent was at work for longer than 0.3 s']);
  expect(await taskEnds(all)).toEqual({ A: 'completed' });
});

test('cancelled, it ends its agents and leaves a session that another executor goes on with', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, [task('A'), task('B')]);
  const cancel = new AbortController();
  let started = 0;
  const cancelled = await all.execute('sleep 600', { signal: cancel.signal, onEvent: (event) => { if (event.type === 'agent-started' && (started += 1) === 2) cancel.abort(); } });
  expect(cancelled).toEqual({ status: 'cancelled' });
  expect(all.events.flatMap((event) => (event.type === 'agent-ended' ? [event.end.kind] : []))).toEqual(['ended', 'ended']);
  expect(await rig(project).execute(GOOD)).toEqual({ status: 'ended' });
  expect(await taskEnds(all)).toEqual({ A: 'completed', B: 'completed' });
});

test('a team whose gates take longer than it may be silent is not taken for crashed', async () => {
  await using project = await makeProject({});
  let looks = 0;
  let goOn: () => void = () => undefined;
  // Two limits of silence go by while the gates look at what it did.
  const all = rig(project, {
    silentMs: 800,
    before: () => new Promise((resolve) => {
      looks = 0;
      goOn = resolve;
    }),
  });
  await begin(all, [task('A')]);
  expect(await all.execute('exit 0', { onLook: () => { if ((looks += 1) > 8) goOn(); } })).toEqual({ status: 'ended' });
  expect(all.events.flatMap((event) => (event.type === 'decided' ? [event.decision.action] : []))).toEqual([...Array<string>(4).fill('proceed_to_next_phase'), 'complete']);
});

test('nor is one whose agent waits for the gates that it has asked for itself', async () => {
  await using project = await makeProject({});
  let looks = 0;
  let goOn: () => void = () => undefined;
  const all = rig(project, {
    silentMs: 800,
    before: () => new Promise((resolve) => {
      looks = 0;
      goOn = resolve;
    }),
  });
  await begin(all, [task('A')]);
  const complete = async ({ team_id: team, phase }: Invocation): Promise<void> => {
    await all.orchestrator.handleTeamCompletion({ team, phase });
    await project.write({ [phase]: '' });
  };
  // It says nothing while it waits.
  const waiting = 'until test -e "$SPARK_GATES_PHASE"; do :; done';
  const onEvent = (event: ExecutionEvent): void => { if (event.type === 'agent-started') void complete(event.invocation); };
  expect(await all.execute(waiting, { onEvent, onLook: () => { if ((looks += 1) > 8) goOn(); } })).toEqual({ status: 'ended' });
  expect(await taskEnds(all)).toEqual({ A: 'completed' });
  expect(all.events.flatMap((event) => (event.type === 'agent-started' ? [event.invocation.phase] : []))).toEqual(['implementation', 'quality', 'testing', 'review', 'report']);
});

test('a command that cannot be run ends the execution with a sentence, and costs no team its task', async () => {
  await using project = await makeProject({ 'agent.txt': '' });
  const all = rig(project);
  await begin(all, [task('A')]);
  const missing = await all.execute('no-such-agent --now 2>/dev/null');
  expect(missing.status === 'refused' ? describeRefusal(missing.refusal) : missing.status).toBe("the agent's command cannot be run (its agent ended with exit code 127): correct it, then execute again to go on where this stopped");
  expect((await all.execute('./agent.txt 2>/dev/null')).status).toBe('refused');
  expect(await taskEnds(all)).toEqual({ A: 'active' });
  expect(await all.execute(GOOD)).toEqual({ status: 'ended' });
});

test('an agent that completed its phase by command and then fell over is not called crashed', async () => {
  await using project = await makeProject({});
  const all = rig(project);
  await begin(all, [task('A')]);
  const complete = async ({ team_id: team, phase }: Invocation): Promise<void> => {
    await all.orchestrator.handleTeamCompletion({ team, phase });
    await project.write({ [phase]: '' });
  };
  const falling = 'until test -e "$SPARK_GATES_PHASE"; do :; done; exit 3';
  expect(await all.execute(falling, { onEvent: (event) => { if (event.type === 'agent-started') void complete(event.invocation); } })).toEqual({ status: 'ended' });
  const ends = all.events.flatMap((event) => (event.type === 'agent-ended' ? [event] : []));
  expect(ends.map(({ standing }) => standing)).toEqual(ends.map(() => 'completed'));
  expect(ends.slice(0, 1).flatMap(narrate)).toEqual(['team1 implementation - A had been completed before its agent ended with exit code 3']);
  expect(await taskEnds(all)).toEqual({ A: 'completed' });
});

test('an agent that was sent back by its own command, and then fell over, has crashed for nobody', async () => {
  await using project = await makeProject({});
  const all = rig(project, { verdicts: (_, gates) => ({ ...NOTHING_MEASURED, gates: Object.fromEntries(gates.map((gate) => [gate, verdict(all.measurements.length === 1 ? { status: 'failed', reason: 'a finding' } : {})])) }) });
  await begin(all, [task('A')]);
  const complete = async ({ team_id: team, phase, retry }: Invocation): Promise<void> => {
    await all.orchestrator.handleTeamCompletion({ team, phase });
    await project.write({ [`${phase}-${retry}`]: '' });
  };
  // The shell's own words for a program that is not there, but what it was started for is behind it.
  const falling = 'until test -e "$SPARK_GATES_PHASE-$SPARK_GATES_RETRY"; do :; done; exit 127';
  expect(await all.execute(falling, { onEvent: (event) => { if (event.type === 'agent-started') void complete(event.invocation); } })).toEqual({ status: 'ended' });
  const quality = all.events.flatMap((event) => (event.type === 'agent-ended' && event.invocation.phase === 'quality' ? narrate(event) : []));
  expect(quality).toEqual([
    'team1 quality - A had been measured, and is to be tried again, before its agent ended with exit code 127',
    'team1 quality - A had been completed before its agent ended with exit code 127',
  ]);
  expect(await taskEnds(all)).toEqual({ A: 'completed' });
});
