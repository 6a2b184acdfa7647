import path from 'node:path';
import { z } from 'zod';
import type { Check } from '../../../src/model/check.ts';
import { findingText } from '../outcome.ts';
import type { Toolbox } from './toolbox.ts';
import { among, type ToolStep } from './tool-step.ts';
import { crashed, readReport } from './tool-trouble.ts';

const paramsSchema = z.object({ tool: z.string().nullable(), config: z.string().nullable() });

const reportSchema = z.array(z.object({
  filePath: z.string(),
  messages: z.array(z.object({ ruleId: z.string(), message: z.string(), loc: z.object({ start: z.object({ line: z.number(), column: z.number() }) }) })),
}));

/** The secretlint command line: the project's, or one from the toolbox with the recommended preset where the project has none. */
export function secretlintStep(checks: readonly Check[], root: string, toolbox: Toolbox): ToolStep | null {
  const check = checks.find(({ name, gates: [gate] }) => gate === 'security_analysis' && name === 'secrets');
  if (check === undefined) return null;
  const { tool, config } = paramsSchema.parse(check.parts[0]?.params);
  const folder = tool ?? path.join(toolbox.folder, 'node_modules', 'secretlint');
  const rules = config === null ? ['--secretlintrc', path.join(toolbox.folder, '.secretlintrc.json')] : [];
  return {
    id: 'secrets',
    kind: 'secrets',
    title: 'secretlint',
    isRestrictable: true,
    // With --output it exits with 0 whatever it finds.
    failsByFindings: true,
    command: (chosen, report) => {
      const own = among(check.files, chosen);
      return own.length === 0 ? null : { file: process.execPath, args: [path.join(folder, 'bin', 'secretlint.js'), '--format', 'json', '--no-glob', '--output', report, ...rules, ...own.map((file) => path.join(root, file))], cwd: root };
    },
    read: async (result) => {
      if (result.exitCode !== 0 && result.exitCode !== 1) throw crashed('secretlint', result);
      const results = reportSchema.parse(await readReport('secretlint', result));
      const findings = results.flatMap(({ filePath, messages }) =>
        messages.map(({ ruleId, message, loc: { start } }) => findingText('secrets', { file: path.relative(root, filePath), line: start.line, column: start.column + 1, rule: ruleId, message })));
      return { findings, looked: results.map(({ filePath }) => filePath) };
    },
  };
}
