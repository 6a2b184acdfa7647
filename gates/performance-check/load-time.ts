import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import type { SubprocessResult } from '../../src/system/subprocess.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';

const paramsSchema = z.object({ entry: z.string(), maxMs: z.number() });

/** Odd, so that the median is a value that was measured. */
const ROUNDS = 7;

/** What importing a module adds to an empty Node process: both started in turn, so that a slow moment hits both; medians compared. */
export async function measureLoadTime(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { entry, maxMs } = paramsSchema.parse(check.parts[0]?.params);
  const code = `await import(${JSON.stringify(pathToFileURL(path.join(context.workspace.root, entry)).href)})`;
  const empty: number[] = [];
  const loaded: number[] = [];
  // One round more, dropped: it fills the file system's caches.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const without = await start('0', context);
    const withEntry = await start(code, context);
    if (without.outcome.kind === 'cancelled' || withEntry.outcome.kind === 'cancelled') return cancelledOutcome(context);
    if (withEntry.outcome.kind !== 'exited' || withEntry.outcome.exitCode !== 0) {
      return { status: 'error', failure: { reason: 'engine-crashed', engine: 'node', detail: `importing ${entry} failed: ${withEntry.stderr.trim().split('\n').slice(0, 5).join('\n')}` } };
    }
    if (round === 0) continue;
    empty.push(without.durationMs);
    loaded.push(withEntry.durationMs);
  }
  const addedMs = Math.max(0, median(loaded) - median(empty));
  const [emptyRange, loadedRange] = [rangeOf(empty), rangeOf(loaded)];
  // Another measurement may come out anywhere in between.
  const isClear = loadedRange.most - emptyRange.least <= maxMs || loadedRange.least - emptyRange.most > maxMs;
  const figure = `${addedMs.toFixed(1)} ms (median of ${String(ROUNDS)})`;
  return {
    status: 'done',
    findings: addedMs <= maxMs ? [] : [{ gate: 'performance_check', rule: 'load-time', message: `importing it takes ${figure}, the budget is ${String(maxMs)} ms`, file: entry, line: null, column: null, severity: 'error' }],
    inspected: { files: [entry] },
    notes: [`${entry}: ${figure} of ${String(maxMs)} ms`],
    ...(isClear ? {} : { validity: { kind: 'unrepeatable', reason: `the time of ${entry} is within the noise of its budget` } }),
  };
}

function start(code: string, context: RunContext): Promise<SubprocessResult> {
  return context.subprocess({ file: process.execPath, args: ['--input-type=module', '--eval', code], cwd: context.workspace.root });
}

/** Without the fastest and the slowest: one bad moment says nothing. */
function rangeOf(values: readonly number[]): { readonly least: number; readonly most: number } {
  const kept = [...values].sort((a, b) => a - b).slice(1, -1);
  return { least: kept[0] ?? 0, most: kept.at(-1) ?? 0 };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
