import type { GateId } from '../../../src/model/gate.ts';
import type { PreparedRun } from '../../../src/runner/index.ts';
import type { Kind } from '../outcome.ts';
import { eslintSteps } from './eslint.ts';
import { rulesStep } from './rules.ts';
import { secretlintStep } from './secretlint.ts';
import { planTests, testSteps } from './tests.ts';
import type { Toolbox } from './toolbox.ts';
import type { ToolStep } from './tool-step.ts';
import { typeScriptSteps } from './typescript.ts';

/** What the baseline is made of, and what of ours it has nothing for. */
export interface Baseline {
  readonly steps: readonly ToolStep[];
  readonly kinds: readonly Kind[];
  /** Gates that are compared at all: one that runs tests which the baseline could not run would only slow us down. */
  readonly gates: readonly GateId[];
  /** Sentences: what is left out, and why. */
  readonly notes: readonly string[];
}

/** Everything that the plan would look at, by the tools' own command lines. */
export async function planBaseline(prepared: PreparedRun, { toolbox, folder, gates }: { readonly toolbox: Toolbox; readonly folder: string; readonly gates: readonly GateId[] }): Promise<Baseline> {
  const { workspace: { root, files }, plan } = prepared;
  const checks = plan.checks.filter((check) => check.gates.some((gate) => gates.includes(gate)));
  const tests = planTests(checks);
  const rules = await rulesStep(checks, root, folder);
  const secrets = toolbox.missing.has('secretlint') ? null : secretlintStep(checks, root, toolbox);
  const steps = [
    ...testSteps(tests.runs, root, new Set(files)),
    ...eslintSteps(checks, root),
    ...typeScriptSteps(checks, root),
    ...(rules === null ? [] : [rules]),
    ...(secrets === null ? [] : [secrets]),
  ];
  const compared = gates.filter((gate) => (gate !== 'test_coverage' && gate !== 'integration_test') || tests.gates.includes(gate));
  return {
    steps,
    kinds: [...new Set(steps.map(({ kind }) => kind))],
    gates: compared,
    notes: [
      ...gates.filter((gate) => !compared.includes(gate)).map((gate) => `the tests of ${gate} are left out on both sides: there are none to run, or not by a plain call of Vitest or Jest`),
      ...(toolbox.missing.has('secretlint') ? ['secretlint is not part of the baseline: it is not to be had here'] : []),
      ...(checks.some((check) => check.gates[0] === 'lint_enforcement' && check.engine !== 'eslint') ? ['a linter other than ESLint is not part of the baseline'] : []),
      'the baseline has no tool for the syntax of JSON and YAML, links in Markdown, import cycles, lockfiles, and coverage by team: our gates look at these besides',
    ],
  };
}
