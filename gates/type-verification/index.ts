import type { Gate } from '../../src/model/gate.ts';

export const typeVerification: Gate<'type_verification'> = {
  id: 'type_verification',
  title: 'Types',
  proves: 'every tsconfig project of the repository has no type errors',
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
