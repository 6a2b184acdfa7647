import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { makeOutcome, type Outcome } from '../outcome.ts';
import type { CommandResult } from '../measure/run-command.ts';
import type { ToolStep } from '../tools/tool-step.ts';

/** A command of a step and where it reports. */
export interface StepCall {
  readonly step: ToolStep;
  readonly report: string;
}

/** A folder for the reports of one run, empty. */
export async function emptyFolder(folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  return folder;
}

/** What the tools found together. */
export async function outcomeOfSteps(calls: readonly StepCall[], results: readonly Pick<CommandResult, 'exitCode' | 'stdout' | 'stderr'>[]): Promise<Outcome> {
  const found = await Promise.all(calls.map(async ({ step, report }, index) => {
    const result = results[index] ?? { exitCode: null, stdout: '', stderr: '' };
    const { findings, looked } = await step.read({ ...result, report });
    return { step, failed: step.failsByFindings === true ? findings.length > 0 : result.exitCode !== 0, findings, looked };
  }));
  const failing = found.filter(({ failed }) => failed).map(({ step }) => step.kind);
  const tests = new Set(found.flatMap(({ step, looked }) => (step.kind === 'tests' ? looked.map((name) => `${step.id} ${name}`) : [])));
  return makeOutcome(found.flatMap(({ findings }) => findings), {
    failing,
    exitCode: failing.length > 0 ? 1 : 0,
    beyond: 0,
    looked: found.filter(({ looked }) => looked.length > 0).map(({ step }) => step.kind),
    tests: tests.size,
  });
}

export function reportFile(folder: string, step: ToolStep, team: string): string {
  return path.join(folder, `${step.id}-${team}.json`);
}

