import type { Gate } from '../../src/model/gate.ts';

export const documentationCheck: Gate<'documentation_check'> = {
  id: 'documentation_check',
  title: 'Docs',
  proves: 'exports are documented truthfully; links, anchors and code fences in Markdown hold',
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
