import type { Gate } from '../../src/model/gate.ts';

export const lintEnforcement: Gate<'lint_enforcement'> = {
  id: 'lint_enforcement',
  title: 'Lint',
  proves: "the project's linter reports nothing above the allowance",
  plan: () => ({ checks: [], notes: [{ status: 'error', reason: 'under construction' }] }),
  run: () => Promise.resolve({ status: 'skipped', reason: 'under construction' }),
};
