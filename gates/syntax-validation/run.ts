import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { SyntaxInspection } from './inspect.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
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
