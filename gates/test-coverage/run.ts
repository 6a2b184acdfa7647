import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { runSuite } from '../engines/test-runner/run-suite.ts';
import type { SuiteRun } from '../engines/test-runner/suite-run.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  // Planned by this gate, so it is what it was then.
  return runSuite(check.parts[0]?.params as SuiteRun, 'test_coverage', context);
}
