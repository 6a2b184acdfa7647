import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { lintWithBiome } from '../engines/biome.ts';
import { lintWithEslint } from '../engines/eslint/lint.ts';
import { lintWithOxlint } from '../engines/oxlint.ts';
import type { LintParams } from './plan.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
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
}
