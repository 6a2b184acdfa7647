import type { Gate } from '../../src/model/gate.ts';

export const securityAnalysis: Gate<'security_analysis'> = {
  id: 'security_analysis',
  title: 'Security',
  proves: 'no credentials, no dangerous code, a sound lockfile, no known-vulnerable dependency',
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
