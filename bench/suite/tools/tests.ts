import path from 'node:path';
import { z } from 'zod';
import type { TestSuite } from '../../../src/model/workspace.ts';
import { findingText } from '../outcome.ts';
import type { ToolStep } from './tool-step.ts';
import { readReport } from './tool-trouble.ts';

/** Jest's JSON report, which Vitest writes as well. */
const reportSchema = z.object({ testResults: z.array(z.object({ name: z.string(), status: z.string() })) });

/** Runners whose command line can be told where to report, which files to relate to, and to measure coverage. */
export function testSteps(suites: readonly TestSuite[], root: string): ToolStep[] {
  return suites.filter(isComparable).map((suite, index) => {
    const cwd = path.join(root, suite.folder);
    return {
      id: `tests-${index + 1}`,
      kind: 'tests',
      title: `${suite.runner}${suite.role === 'unit' ? ' --coverage' : ` (${suite.role})`}`,
      isRestrictable: true,
      command: (chosen, report) => {
        const files = chosen === null ? null : [...chosen].filter((file) => /\.(?:[cm]?[jt]s|[jt]sx)$/.test(file)).map((file) => path.relative(cwd, path.join(root, file)));
        return files?.length === 0 ? null : { file: process.execPath, args: argsOf(suite, files, report), cwd };
      },
      findings: async (result) => reportSchema.parse(await readReport(suite.runner, result)).testResults
        .filter(({ status }) => status === 'failed')
        .map(({ name }) => findingText('tests', { file: path.relative(root, name), line: null, column: null, rule: 'test', message: '' })),
    };
  });
}

export function isComparable({ runner, tool, steps }: TestSuite): boolean {
  return (runner === 'vitest' || runner === 'jest') && tool !== null && steps.length === 1;
}

function argsOf({ runner, tool, role, config }: TestSuite, files: readonly string[] | null, report: string): string[] {
  const folder = tool?.folder ?? '';
  const named = config === null ? [] : ['--config', path.basename(config)];
  const coverage = `${report}.coverage`;
  if (runner === 'jest') {
    return [path.join(folder, 'bin', 'jest.js'), ...named, '--ci', '--json', '--outputFile', report, '--passWithNoTests',
      ...(role === 'unit' ? ['--coverage', '--coverageDirectory', coverage, '--coverageReporters', 'json'] : []), ...(files === null ? [] : ['--findRelatedTests', ...files])];
  }
  return [path.join(folder, 'vitest.mjs'), ...(files === null ? ['run'] : ['related', '--run']), ...named, '--reporter', 'json', '--outputFile', report, '--passWithNoTests',
    ...(role === 'unit' ? ['--coverage.enabled', '--coverage.reporter', 'json', '--coverage.reportsDirectory', coverage] : []), ...(files ?? [])];
}
