import type { Gate } from '../../src/model/gate.ts';
import { planSecurity } from './plan.ts';

/** What could be abused: credentials, dangerous code, packages from a doubtful source or with known holes. */
export const securityAnalysis: Gate<'security_analysis'> = {
  id: 'security_analysis',
  title: 'Security',
  proves: 'no credentials, no dangerous code, a sound lockfile, no known-vulnerable dependency',
  plan: planSecurity,
  // The engines are loaded by the worker that runs them, not by whoever only plans.
  run: async (check, context) => (await import('./run.ts')).run(check, context),
};
