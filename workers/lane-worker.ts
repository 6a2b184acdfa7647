import { COMMAND_CHECK, runCommandCheck } from '../gates/engines/command.ts';
import { GATES } from '../gates/index.ts';
import { ThreadLocks } from '../src/locks/thread-locks.ts';
import type { Check, CheckOutcome } from '../src/model/check.ts';
import type { Failure } from '../src/model/failure.ts';
import { LIMITS } from '../src/model/limits.ts';
import type { CancelMessage, LaneMessage, LaneTask } from '../src/model/worker-message.ts';
import type { SubprocessResult } from '../src/system/subprocess.ts';
import { CheckMemory, collectRubbish } from './check-memory.ts';
import { judgeMemory } from './out-of-memory.ts';
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
        const isStopped = controller.signal.aborted;
        send({ type: 'finished', check: check.id, outcome: isStopped ? outcome : judgeMemory(check, outcome, ended), durationMs, peakMegabytes: memory.peakMegabytes() });
      });
    }
  } finally {
    lane.clear();
    task.port.close();
    collectRubbish();
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
