import path from 'node:path';
import { z } from 'zod';
import { COMMAND_CHECK } from '../../../gates/engines/command.ts';
import type { SuiteRun } from '../../../gates/engines/test-runner/suite-run.ts';
import type { Check } from '../../../src/model/check.ts';
import type { GateId } from '../../../src/model/gate.ts';
import { findingText } from '../outcome.ts';
import type { ToolStep } from './tool-step.ts';
import { readReport } from './tool-trouble.ts';

/** Jest's JSON report, which Vitest writes as well. */
const reportSchema = z.object({
  testResults: z.array(z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

export interface TestsBaseline {
  readonly runs: readonly SuiteRun[];
  /** Gates that run tests and are compared. */
  readonly gates: readonly GateId[];
}

/** The suites that are planned, of gates of which the baseline can run every one: nothing is run there that ours leaves out, nor the reverse. */
export function planTests(checks: readonly Check[]): TestsBaseline {
  const suitesOf = (gate: GateId): readonly Check[] => checks.filter(({ name, gates }) => gates[0] === gate && (name.startsWith('tests:') || name === COMMAND_CHECK));
  const [unit, integration] = [suitesOf('test_coverage'), suitesOf('integration_test')];
  const unitRuns = unit.every(isComparable) ? unit.map(runOf) : [];
  const integrationRuns = integration.every(isComparable) ? integration.map(runOf) : [];
  const runs = [...unitRuns, ...integrationRuns];
  return {
    runs,
    // The other one looks at imports and installed packages besides.
    gates: [...(unitRuns.length > 0 ? ['test_coverage' as const] : []), ...(runs.length > 0 && integrationRuns.length === integration.length ? ['integration_test' as const] : [])],
  };
}

/** Runners whose command line can be told where to report, which files to relate to, and to measure coverage. `tracked`: files of the workspace. */
export function testSteps(runs: readonly SuiteRun[], root: string, tracked: ReadonlySet<string>): ToolStep[] {
  return runs.map((run, index) => {
    const { suite } = run;
    const cwd = path.join(root, suite.folder);
    return {
      id: `tests-${index + 1}`,
      kind: 'tests',
      title: `${suite.runner}${suite.role === 'unit' ? ' --coverage' : ` (${suite.role})`}`,
      isRestrictable: true,
      command: (chosen, report) => {
        const files = chosen === null ? null : [...chosen].filter((file) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(file)).map((file) => path.relative(cwd, path.join(root, file)));
        return files?.length === 0 ? null : { file: process.execPath, args: argsOf(run, files, report), cwd };
      },
      read: async (result) => {
        const results = reportSchema.parse(await readReport(suite.runner, result)).testResults.map(({ name, ...rest }) => ({ ...rest, file: path.relative(root, name) }));
        return {
          findings: results.filter(({ status }) => status === 'failed').map(({ file }) => findingText('tests', { file, line: null, column: null, rule: 'test', message: '' })),
          // Tests in ignored files are no team's, and so not in our count.
          looked: results.filter(({ file }) => tracked.has(file)).flatMap(({ file, assertionResults }) =>
            assertionResults.filter(({ status }) => status === 'passed' || status === 'failed').map(({ fullName }) => `${file} ${fullName}`)),
        };
      },
    };
  });
}

function runOf(check: Check): SuiteRun {
  return check.parts[0]?.params as SuiteRun;
}

/** Words of a call that change nothing of which tests run, and that we need not repeat. */
const PLAIN_WORD = /^(?:run|watch|dev|--run|--watch=false|--no-watch|--passWithNoTests|--coverage|--ci|--silent|--verbose)$/;

/** Whatever else a call says, such as which tests to run, a command line of ours would have to say as well. */
function isComparable(check: Check): boolean {
  if (check.name === COMMAND_CHECK) return false;
  const { suite: { runner, tool, steps: [step, ...others] }, args } = runOf(check);
  if ((runner !== 'vitest' && runner !== 'jest') || tool === null || step?.kind !== 'runner' || others.length > 0) return false;
  return args.length + step.assignments.length + step.launcher.length + step.nodeOptions.length === 0 && withoutConfig(step.words).every((word) => PLAIN_WORD.test(word));
}

/** It is known by its path. */
function withoutConfig(words: readonly string[]): readonly string[] {
  return words.filter((word, index) => !/^(?:-c|--config)(?:=|$)/.test(word) && !/^(?:-c|--config)$/.test(words[index - 1] ?? ''));
}

function argsOf({ suite: { runner, tool, role, config, folder: cwd }, configFile }: SuiteRun, files: readonly string[] | null, report: string): string[] {
  const folder = tool?.folder ?? '';
  const chosen = configFile ?? config;
  const named = chosen === null ? [] : ['--config', path.relative(cwd, chosen)];
  const coverage = `${report}.coverage`;
  if (runner === 'jest') {
    return [path.join(folder, 'bin', 'jest.js'), ...named, '--ci', '--json', '--outputFile', report, '--passWithNoTests',
      ...(role === 'unit' ? ['--coverage', '--coverageDirectory', coverage, '--coverageReporters', 'json'] : []), ...(files === null ? [] : ['--findRelatedTests', ...files])];
  }
  // Without its cache, as in our run: it would be written into the installed packages, which are the original's.
  return [path.join(folder, 'vitest.mjs'), ...(files === null ? ['run'] : ['related', '--run']), ...named, '--no-cache', '--reporter', 'json', '--outputFile', report, '--passWithNoTests',
    ...(role === 'unit' ? ['--coverage.enabled', '--coverage.reporter', 'json', '--coverage.reportsDirectory', coverage] : []), ...(files ?? [])];
}
