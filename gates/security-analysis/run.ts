import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { runRules } from '../engines/rules/pass.ts';
import { RULES_CHECK } from '../engines/rules/request.ts';
import { auditPackages } from './audit.ts';
import { checkLockfile } from './lockfile.ts';
import { findSecrets } from './secrets.ts';

export async function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  if (check.name.startsWith(RULES_CHECK)) return runRules(check, context);
  if (check.name === 'secrets') return findSecrets(check, context);
  return check.name === 'lockfile' ? checkLockfile(check, context) : auditPackages(check, context);
}
