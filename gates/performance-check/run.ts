import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { runRules } from '../engines/rules/pass.ts';
import { RULES_CHECK } from '../engines/rules/request.ts';
import { checkBenchmarks } from './benchmarks.ts';
import { measureBundle } from './bundle.ts';
import { measureLoadTime } from './load-time.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  if (check.name.startsWith(RULES_CHECK)) return Promise.resolve(runRules(check, context));
  if (check.name.startsWith('benchmarks')) return checkBenchmarks(check, context);
  return check.name.startsWith('bundle:') ? measureBundle(check, context) : measureLoadTime(check, context);
}
