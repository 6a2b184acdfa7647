import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { KeptResults } from '../engines/kept-results.ts';
import { inspectFile, notesOf, type FileInspection } from './inspect.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { root } = context.workspace;
  const kept = new KeptResults<FileInspection>(context, check.id, '');
  const inspections = new Map<string, FileInspection>();
  const findings: Finding[] = [];
  for (const file of check.files) {
    if (context.isCancelled()) return Promise.resolve(cancelledOutcome(context, findings));
    const inspection = kept.of(file, () => inspectFile(root, file));
    inspections.set(file, inspection);
    findings.push(...inspection.findings);
  }
  const notes = notesOf(inspections);
  const inspected = check.files.filter((file) => inspections.get(file)?.inspected);
  if (inspected.length === 0 && findings.length === 0) return Promise.resolve({ status: 'skipped', reason: ['nothing to parse', ...notes].join('; ') });
  return Promise.resolve({ status: 'done', findings: findings.sort(compareFindings), inspected: { files: inspected }, notes });
}
