import type { Gate } from '../../src/model/gate.ts';
import { planSyntax } from './plan.ts';

/** Every file through a parser of its kind. */
export const syntaxValidation: Gate<'syntax_validation'> = {
  id: 'syntax_validation',
  title: 'Syntax',
  proves: 'every file parses: TypeScript, JavaScript, JSON, YAML; no conflict markers, no invalid UTF-8',
  plan: planSyntax,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
