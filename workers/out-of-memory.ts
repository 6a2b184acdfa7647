import { COMMAND_CHECK } from '../gates/engines/command.ts';
import type { Check, CheckOutcome } from '../src/model/check.ts';
import { describeFailure } from '../src/model/failure.ts';
import type { SubprocessResult } from '../src/system/subprocess.ts';

/** V8's last words, and the error that a tool gets of a thread of its own. Said by the program or by one that it started. */
const LAST_WORDS = /^FATAL ERROR: .*(?:heap out of memory|Allocation failed)|ERR_WORKER_OUT_OF_MEMORY/m;

/** Rules by which it is told that a process was lost, or ended badly: that was the memory, not the code. */
const LOSSES = new Set(['unhandled-error', 'test-file', COMMAND_CHECK]);

/**
 * What to make of a check whose program ran out of memory: its errors say nothing about the code, and nothing that it found is complete.
 * One that found nothing wrong all the same is believed.
 */
export function judgeMemory(check: Check, outcome: CheckOutcome, ended: readonly SubprocessResult[]): CheckOutcome {
  if (outcome.status === 'skipped') return outcome;
  if (outcome.status === 'done' && !outcome.findings.some((finding) => finding.severity === 'error')) return outcome;
  const detail = whatWasSeen(check, outcome, ended);
  if (detail === null) return outcome;
  const findings = outcome.findings?.filter(({ rule }) => !LOSSES.has(rule));
  return { status: 'error', failure: { reason: 'out-of-memory', detail, isAlone: false }, ...(findings === undefined ? {} : { findings }), ...(outcome.inspected === undefined ? {} : { inspected: outcome.inspected }) };
}

function whatWasSeen({ engine, title }: Check, outcome: CheckOutcome, ended: readonly SubprocessResult[]): string | null {
  if (ended.some(saysSo)) return `${engine === COMMAND_CHECK ? title : engine} ran out of memory`;
  const isKilled = ended.some((result) => result.outcome.kind === 'killed' && result.outcome.signal === 'SIGKILL');
  return isKilled && outcome.status === 'error' ? `${describeFailure(outcome.failure)}, as the system does when memory runs out` : null;
}

function saysSo({ outcome, stdout, stderr }: SubprocessResult): boolean {
  const isBroken = outcome.kind === 'killed' || (outcome.kind === 'exited' && outcome.exitCode !== 0);
  return isBroken && (LAST_WORDS.test(stderr) || LAST_WORDS.test(stdout));
}
