import { COMMAND_CHECK, runCommandCheck } from '../gates/engines/command.ts';
import { GATES } from '../gates/index.ts';
import { ThreadLocks } from '../src/locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../src/model/check.ts';
import type { Failure } from '../src/model/failure.ts';
import { LIMITS } from '../src/model/limits.ts';
import type { CancelMessage, LaneMessage, LaneTask } from '../src/model/worker-message.ts';
import { systemClock } from '../src/system/clock.ts';
import type { SubprocessResult } from '../src/system/subprocess.ts';
import { CheckMemory } from './check-memory.ts';
import { collectRubbish, fitsHeap } from './heap.ts';
import { KeptLanes } from './kept-lanes.ts';
import { judgeMemory } from './out-of-memory.ts';
import { createRunContext } from './run-context.ts';
import { ThreadInputs } from './thread-inputs.ts';

// A configuration or a plugin that prints runs in this thread, and stdout belongs to the report.
process.stdout.write = process.stderr.write.bind(process.stderr);

const keptLanes = new KeptLanes();
const inputs = new ThreadInputs(systemClock.now());
/** The run for which the inputs of this thread were last looked at, by its folder. */
let lookedFor: string | null = null;

/** Piscina's entry: runs the checks of one lane, one after another, and reports each over the task's port. */
export default async function runLane(task: LaneTask): Promise<void> {
  if (task.kept !== null && task.tempRoot !== lookedFor) {
    const what = inputs.outdated({ workspace: task.workspace, tree: task.kept.tree });
    if (what !== null) {
      task.port.postMessage({ type: 'outdated', what } satisfies LaneMessage);
      task.port.close();
      return;
    }
    lookedFor = task.tempRoot;
    refreshEnvironment(task.environment);
  }
  const { lane, run } = task.kept === null ? { lane: new Map<string, unknown>(), run: 0 } : keptLanes.enter(task.lane);
  const kept = task.kept === null ? undefined : { run, tree: task.kept.tree, files: inputs.files, thread: inputs };
  const flags = new Int32Array(task.cancelFlags);
  const locks = new ThreadLocks(task.locks, task.holder);
  const controllers = task.checks.map(() => new AbortController());
  const send = (message: LaneMessage): void => { task.port.postMessage(message); };
  task.port.on('message', (message: CancelMessage) => {
    controllers[task.checks.findIndex((check) => check.id === message.check)]?.abort(message.failure);
  });
  try {
    for (const [index, check] of task.checks.entries()) {
      const controller = controllers[index] ?? new AbortController();
      const isCancelled = (): boolean => Atomics.load(flags, index) !== 0;
      await withLocks(check, { locks, isCancelled, send }, async () => {
        send({ type: 'started', check: check.id });
        const startedMs = performance.now();
        const memory = new CheckMemory();
        const ended: SubprocessResult[] = [];
        const context = createRunContext({
          workspace: task.workspace,
          environment: task.environment,
          signal: controller.signal,
          isCancelled,
          lane,
          kept,
          slots: Math.min(task.slots, check.slotsMax ?? 1),
          tempRoot: task.tempRoot,
          onTree: (tree, state) => {
            memory.onTree(tree, state);
            send({ type: 'tree', state, tree });
          },
          onEnded: (result) => { ended.push(result); },
        });
        const outcome = await runCheck(check, context);
        const durationMs = performance.now() - startedMs;
        const judged = controller.signal.aborted ? outcome : judgeMemory(check, outcome, ended);
        if (judged.status === 'error') forget(lane, send);
        send({ type: 'finished', check: check.id, outcome: judged, durationMs, peakMegabytes: measured(memory, task) });
      });
    }
    if (task.kept !== null) keepWithin(task.kept.heapMegabytesMax, send);
  } finally {
    if (task.kept === null) lane.clear();
    task.port.close();
    if (task.kept === null) collectRubbish();
  }
}

/** What broke off may have left its memory half done, and a module that could not be loaded stays so. */
function forget(lane: Map<string, unknown>, send: (message: LaneMessage) => void): void {
  lane.clear();
  send({ type: 'spent' });
}

function keepWithin(heapMegabytesMax: number, send: (message: LaneMessage) => void): void {
  inputs.watchRequired();
  if (!fitsHeap(heapMegabytesMax) && !keptLanes.shrink(() => fitsHeap(heapMegabytesMax))) send({ type: 'spent' });
}

/** A kept thread's heap holds what all its lanes remember, so what this check needs is not known. */
function measured(memory: CheckMemory, { kept }: LaneTask): number | null {
  const megabytes = memory.peakMegabytes();
  return kept === null ? megabytes : null;
}

/** The thread's environment is a copy from when it began; what may differ since is what no program heeds at its start. */
function refreshEnvironment(environment: LaneTask['environment']): void {
  for (const [name, value] of Object.entries(environment)) if (value !== undefined && process.env[name] !== value) process.env[name] = value;
}

async function runCheck(check: Check, context: Parameters<(typeof GATES)['syntax_validation']['run']>[1]): Promise<CheckOutcome> {
  try {
    return check.name === COMMAND_CHECK ? await runCommandCheck(check, context) : await GATES[check.gates[0]].run(check, context);
  } catch (error) {
    // One of the three catch-alls of the product: whatever a gate or a plugin throws costs this check and nothing else.
    if (context.signal.aborted) return { status: 'error', failure: context.signal.reason as Failure };
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { status: 'error', failure: { reason: 'internal', detail } };
  }
}

interface LockScope {
  readonly locks: ThreadLocks;
  readonly isCancelled: () => boolean;
  readonly send: (message: LaneMessage) => void;
}

/** Takes the check's locks in name order, so that no two threads can wait for each other. */
async function withLocks(check: Check, scope: LockScope, work: () => Promise<void>): Promise<void> {
  const releases: (() => void)[] = [];
  try {
    for (const name of check.locks ?? []) {
      const got = scope.locks.acquire(name, { isCancelled: scope.isCancelled, timeoutMs: LIMITS.threadLockWaitMs });
      if (!got.ok) {
        const failure: Failure = got.reason === 'cancelled' ? { reason: 'cancelled', by: 'user' } : { reason: 'time-limit', limitMs: LIMITS.threadLockWaitMs };
        scope.send({ type: 'finished', check: check.id, outcome: { status: 'error', failure }, durationMs: 0, peakMegabytes: null });
        return;
      }
      releases.push(() => { got.release(); });
    }
    await work();
  } finally {
    for (const release of releases.reverse()) release();
  }
}
