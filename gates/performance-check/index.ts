import type { Gate } from '../../src/model/gate.ts';
import { planPerformance } from './plan.ts';

/** Budgets and benchmarks, measured; and code that is slow by construction. */
export const performanceCheck: Gate<'performance_check'> = {
  id: 'performance_check',
  title: 'Performance',
  proves: 'benchmarks are no slower than their baseline; bundles and load times keep their budgets; no code that is slow by construction',
  plan: planPerformance,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
