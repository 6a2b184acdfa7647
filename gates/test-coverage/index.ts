import type { Gate } from '../../src/model/gate.ts';
import { assessCoverage } from './assess-coverage.ts';
import { planTests } from './plan.ts';

/** The tests related to the teams' files, in the project's own runner, once for all teams; and what they cover. */
export const testCoverage: Gate<'test_coverage'> = {
  id: 'test_coverage',
  title: 'Tests',
  proves: "the tests related to the team's files pass and cover them",
  plan: planTests,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
  assess: assessCoverage,
};
