import type { Gate } from '../../src/model/gate.ts';
import { planIntegration } from './plan.ts';

/** How the teams' work fits together: the integration suite, the imports between the files, the installed packages. */
export const integrationTest: Gate<'integration_test'> = {
  id: 'integration_test',
  title: 'Integration',
  proves: 'the integration suite passes; imports resolve; no cycle crosses a team border; the installed tree is sound',
  plan: planIntegration,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
