import type { Gate } from '../../src/model/gate.ts';

export const syntaxValidation: Gate<'syntax_validation'> = {
  id: 'syntax_validation',
  title: 'Syntax',
  proves: 'every file parses: TypeScript, JavaScript, JSON, YAML; no conflict markers, no invalid UTF-8',
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
