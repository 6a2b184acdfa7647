import { COMMAND_CHECK, runCommandCheck } from '../gates/engines/command.ts';
import { GATES } from '../gates/index.ts';
import { ThreadLocks } from '../src/locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../src/model/check.ts';
import type { Failure } from '../src/model/failure.ts';
import { LIMITS } from '../src/model/limits.ts';
import { TOOL_SLOTS, type CancelMessage, type LaneMessage, type LaneTask } from '../src/model/worker-message.ts';
import { createRunContext } from './run-context.ts';

// A configuration or a plugin that prints runs in this thread, and stdout belongs to the report.
process.stdout.write = process.stderr.write.bind(process.stderr);

/** Piscina's entry: runs the checks of one lane, one after another, and reports each over the task's port. */
export default async function runLane(task: LaneTask): Promise<void> {
  const lane = new Map<string, unknown>();
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
      await withLocks(check, { locks, isCancelled, send }, async (slots) => {
        send({ type: 'started', check: check.id });
        const startedMs = performance.now();
        const context = createRunContext({
          workspace: task.workspace,
          environment: task.environment,
          signal: controller.signal,
          isCancelled,
          lane,
          slots,
          tempRoot: task.tempRoot,
          onTree: (tree, state) => { send({ type: 'tree', state, tree }); },
        });
        const outcome = await runCheck(check, context);
        send({ type: 'finished', check: check.id, outcome, durationMs: performance.now() - startedMs });
      });
    }
  } finally {
    lane.clear();
    task.port.close();
  }
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

/** Takes the check's locks in name order, so that no two threads can wait for each other, and as many tool slots as are free. */
async function withLocks(check: Check, scope: LockScope, work: (slots: number) => Promise<void>): Promise<void> {
  const releases: (() => void)[] = [];
  try {
    for (const name of [...(check.locks ?? []), ...(check.slotsMax === undefined ? [] : [TOOL_SLOTS])]) {
      const got = scope.locks.acquire(name, { isCancelled: scope.isCancelled, timeoutMs: LIMITS.threadLockWaitMs });
      if (!got.ok) {
        const failure: Failure = got.reason === 'cancelled' ? { reason: 'cancelled', by: 'user' } : { reason: 'time-limit', limitMs: LIMITS.threadLockWaitMs };
        scope.send({ type: 'finished', check: check.id, outcome: { status: 'error', failure }, durationMs: 0 });
        return;
      }
      releases.push(() => { got.release(); });
    }
    let slots = 1;
    for (; slots < (check.slotsMax ?? 1); slots++) {
      const more = scope.locks.tryAcquire(TOOL_SLOTS);
      if (more?.ok !== true) break;
      releases.push(() => { more.release(); });
    }
    await work(slots);
  } finally {
    for (const release of releases.reverse()) release();
  }
}
