import type { Check, CheckOutcome, CheckRequest } from '../../src/model/check.ts';
import type { Gate, GatePlan, PlanContext } from '../../src/model/gate.ts';
import { compareFindings } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { installedVersion } from '../engines/bundled.ts';
import { SyntaxInspection } from './inspect.ts';

/** Enough files to make starting a check worth it, few enough that a large repository keeps every worker busy. */
const FILES_PER_CHECK = 1000;

export const syntaxValidation: Gate<'syntax_validation'> = {
  id: 'syntax_validation',
  title: 'Syntax',
  proves: 'every file parses: TypeScript, JavaScript, JSON, YAML; no conflict markers, no invalid UTF-8',
  plan,
  run,
};

function plan(context: PlanContext<'syntax_validation'>): GatePlan {
  const { files, settings } = context;
  if (files.length === 0) return { checks: [], notes: [{ status: 'skipped', reason: 'no files to parse' }] };
  const parts = Math.ceil(files.length / FILES_PER_CHECK);
  const checks = Array.from({ length: parts }, (_, index): CheckRequest => {
    const slice = files.slice(index * FILES_PER_CHECK, (index + 1) * FILES_PER_CHECK);
    return {
      name: `parse:${String(index + 1)}`,
      gate: 'syntax_validation',
      engine: 'oxc-parser',
      engineVersion: installedVersion('oxc-parser'),
      engineOrigin: 'bundled',
      title: parts === 1 ? 'syntax of all files' : `syntax of all files, part ${String(index + 1)} of ${String(parts)}`,
      files: slice,
      workspaceWide: false,
      expectedMs: 100 + slice.length,
      timeLimitMs: settings.timeLimitMs,
      params: null,
    };
  });
  return { checks, notes: [] };
}

function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  const inspection = new SyntaxInspection(context.workspace.root);
  for (const file of check.files) {
    if (context.isCancelled()) return Promise.resolve(cancelledOutcome(context, inspection.findings));
    inspection.inspect(file);
  }
  const { inspected, notes } = inspection;
  const findings = inspection.findings.sort(compareFindings);
  if (inspected.length === 0 && findings.length === 0) return Promise.resolve({ status: 'skipped', reason: ['nothing to parse', ...notes].join('; ') });
  return Promise.resolve({ status: 'done', findings, inspected: { files: inspected }, notes });
}
