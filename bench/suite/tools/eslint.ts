import path from 'node:path';
import { z } from 'zod';
import { toFindings } from '../../../gates/engines/eslint/findings.ts';
import type { ESLint } from 'eslint';
import type { Check } from '../../../src/model/check.ts';
import { findingText } from '../outcome.ts';
import { among, type ToolResult, type ToolStep } from './tool-step.ts';
import { crashed, readReport } from './tool-trouble.ts';

const paramsSchema = z.object({
  linter: z.literal('eslint'),
  eslint: z.object({ folder: z.string() }),
  config: z.string(),
  folder: z.string(),
  isNamed: z.boolean(),
  files: z.array(z.string()),
});

type Params = z.infer<typeof paramsSchema>;

/** The project's ESLint with the project's configuration; one call for each configuration, whatever our gate makes of it. */
export function eslintSteps(checks: readonly Check[], root: string): ToolStep[] {
  const byConfig = new Map<string, Params>();
  for (const check of checks) {
    if (check.gates[0] !== 'lint_enforcement') continue;
    const parsed = paramsSchema.safeParse(check.parts[0]?.params);
    if (!parsed.success) continue;
    const { config, files } = parsed.data;
    byConfig.set(config, { ...parsed.data, files: [...(byConfig.get(config)?.files ?? []), ...files] });
  }
  return [...byConfig.values()].map((params, index) => stepOf(params, `lint-${index + 1}`, root));
}

function stepOf({ eslint, config, folder, isNamed, files }: Params, id: string, root: string): ToolStep {
  const cwd = path.join(root, folder);
  return {
    id,
    kind: 'lint',
    title: `eslint by ${config}`,
    isRestrictable: true,
    command: (chosen, report) => {
      const own = among(files, chosen).map((file) => path.relative(cwd, path.join(root, file)));
      const named = isNamed ? ['--config', path.join(root, config)] : [];
      return own.length === 0 ? null : { file: process.execPath, args: [path.join(eslint.folder, 'bin', 'eslint.js'), ...named, '--no-warn-ignored', '--format', 'json', '--output-file', report, '--', ...own], cwd };
    },
    read: async (result) => {
      const results = await readEslint(result);
      return { findings: results.flatMap((one) => toFindings(one, root)).map((finding) => findingText('lint', finding)), looked: results.map(({ filePath }) => filePath) };
    },
  };
}

export async function readEslint(result: ToolResult): Promise<ESLint.LintResult[]> {
  if (result.exitCode !== 0 && result.exitCode !== 1) throw crashed('eslint', result);
  return await readReport('eslint', result) as ESLint.LintResult[];
}
