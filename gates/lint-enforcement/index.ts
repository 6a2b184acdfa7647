import type { Gate } from '../../src/model/gate.ts';
import { lintWithBiome } from '../engines/biome.ts';
import { lintWithEslint } from '../engines/eslint/lint.ts';
import { lintWithOxlint } from '../engines/oxlint.ts';
import { assessLint } from './assess.ts';
import { planLint, type LintParams } from './plan.ts';

export const lintEnforcement: Gate<'lint_enforcement'> = {
  id: 'lint_enforcement',
  title: 'Lint',
  proves: "the project's linter reports nothing above the allowance",
  plan: planLint,
  run(check, context) {
    // Planned by this gate, so it is what it was then.
    const params = check.parts[0]?.params as LintParams;
    switch (params.linter) {
      case 'eslint':
        return lintWithEslint(params, context);
      case 'biome':
        return lintWithBiome(params, context);
      case 'oxlint':
        return lintWithOxlint(params, context);
    }
  },
  assess: assessLint,
};
