import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { checkProject } from '../engines/typescript/check-project.ts';
import type { TypeParams } from './plan.ts';

export async function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  // Planned by this gate, so it is what it was then.
  const params = check.parts[0]?.params as TypeParams;
  const outcome = await checkProject(params, context);
  return outcome.status === 'done' && params.notes.length > 0 ? { ...outcome, notes: params.notes } : outcome;
}
