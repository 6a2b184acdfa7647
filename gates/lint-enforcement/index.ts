import type { Gate } from '../../src/model/gate.ts';
import { assessLint } from './assess.ts';
import { planLint } from './plan.ts';

/** The project's own linter with its own configuration. */
export const lintEnforcement: Gate<'lint_enforcement'> = {
  id: 'lint_enforcement',
  title: 'Lint',
  proves: "the project's linter reports nothing above the allowance",
  plan: planLint,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
  assess: assessLint,
};
