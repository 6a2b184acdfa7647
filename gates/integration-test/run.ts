import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { runSuite } from '../engines/test-runner/run-suite.ts';
import { checkImports } from './check-imports.ts';
import { checkInstalled } from './check-installed.ts';
import type { IntegrationParams } from './plan.ts';

export async function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  // Planned by this gate, so it is what it was then.
  const params = check.parts[0]?.params as IntegrationParams;
  switch (params.kind) {
    case 'imports':
      return checkImports(params, check.files);
    case 'installed':
      return checkInstalled(context);
    case undefined:
      return runSuite(params, 'integration_test', context);
  }
}
