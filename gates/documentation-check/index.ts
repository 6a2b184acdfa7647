import type { Gate } from '../../src/model/gate.ts';
import { planDocumentation } from './plan.ts';

/** What is written about the code: doc comments, READMEs, Markdown. */
export const documentationCheck: Gate<'documentation_check'> = {
  id: 'documentation_check',
  title: 'Docs',
  proves: 'exports are documented truthfully; links, anchors and code fences in Markdown hold',
  plan: planDocumentation,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
