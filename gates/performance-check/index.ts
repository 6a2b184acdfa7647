import type { Gate } from '../../src/model/gate.ts';

export const performanceCheck: Gate<'performance_check'> = {
  id: 'performance_check',
  title: 'Performance',
  proves: 'budgets for bundles, load times and benchmarks hold; no code that is slow by construction',
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
