import type { Gate } from '../../src/model/gate.ts';
import { planTypes } from './plan.ts';

/** The project's own compiler over its own tsconfig projects. */
export const typeVerification: Gate<'type_verification'> = {
  id: 'type_verification',
  title: 'Types',
  proves: 'every tsconfig project of the repository has no type errors',
  plan: planTypes,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
