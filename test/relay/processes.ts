import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { RelayFault, RelayRefusal } from '../../src/model/relay-refusal.ts';
import { bundleScript } from '../rig/bundle.ts';
import type { DiskStep } from '../rig/faulty-disk.ts';
import type { RelayJob } from './relay-process.ts';

export interface JobResult {
  /** Numbers of the events that were acknowledged. */
  readonly done: readonly number[];
  readonly refusals: readonly RelayRefusal[];
  readonly faults: readonly RelayFault[];
  readonly steps: readonly DiskStep[];
  readonly signal: string | null;
}

type Line = { step: DiskStep } | { stopped: string } | { done: number; faults: RelayFault[] } | { refused: RelayRefusal };

let script: Promise<string> | undefined;

/** Runs `relay-process.ts`. One that stops itself is continued when `whileStopped` resolves. */
export async function runJob(job: RelayJob, whileStopped: () => Promise<unknown> = () => Promise.resolve()): Promise<JobResult> {
  script ??= bundleScript('test/relay/relay-process.ts');
  const child = spawn(process.execPath, [await script, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: Line[] = [];
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    if ('stopped' in line) void whileStopped().finally(() => child.kill('SIGCONT'));
  });
  const [, signal] = (await once(child, 'close')) as [number | null, string | null];
  return {
    done: lines.flatMap((line) => ('done' in line ? [line.done] : [])),
    refusals: lines.flatMap((line) => ('refused' in line ? [line.refused] : [])),
    faults: lines.flatMap((line) => ('faults' in line ? line.faults : [])),
    steps: lines.flatMap((line) => ('step' in line ? [line.step] : [])),
    signal,
  };
}
