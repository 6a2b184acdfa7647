import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';
import { isMisspelt, tagAt } from '../../../gates/engines/rules/doc-tags.ts';
import { RULES_CHECK, rulesParamsSchema } from '../../../gates/engines/rules/request.ts';
import { RULE_SETS } from '../../../gates/engines/rules/sets.ts';
import type { Check } from '../../../src/model/check.ts';
import { BUILT } from '../own-build.ts';
import { findingText } from '../outcome.ts';
import { isComparedRule } from './compared-rules.ts';
import { readEslint } from './eslint.ts';
import { among, type ToolStep } from './tool-step.ts';

/**
 * Security, performance and documentation rules: what our bundled pass runs, by ESLint's own command line with the same plugins and
 * options. Null when no gate asks for any.
 */
export async function rulesStep(checks: readonly Check[], root: string, folder: string): Promise<ToolStep | null> {
  const parts = checks.filter(({ name }) => name.startsWith(RULES_CHECK)).flatMap((check) => check.parts.map((part) => ({ files: part.files, sets: rulesParamsSchema.parse(part.params).sets })));
  const files = [...new Set(parts.flatMap((part) => part.files))].sort();
  if (files.length === 0) return null;
  const sets = [...new Set(parts.flatMap((part) => part.sets))];
  await mkdir(folder, { recursive: true });
  const config = path.join(folder, 'rules.config.mjs');
  await writeFile(config, configText(sets, root));
  const eslint = path.join(path.dirname(createRequire(import.meta.url).resolve('eslint/package.json')), 'bin', 'eslint.js');
  return {
    id: 'rules',
    kind: 'rules',
    title: 'eslint with security, performance and documentation rules',
    isRestrictable: true,
    failsByFindings: true,
    command: (chosen, report) => {
      const own = among(files, chosen);
      return own.length === 0 ? null : { file: process.execPath, args: [eslint, '--config', config, '--no-warn-ignored', '--no-ignore', '--format', 'json', '--output-file', report, '--', ...own], cwd: root };
    },
    read: async (result) => {
      const results = await readEslint(result);
      return { findings: (await Promise.all(results.map((one) => textsOf(one, root)))).flat(), looked: results.map(({ filePath }) => filePath) };
    },
  };
}

const messageSchema = z.object({ filePath: z.string(), messages: z.array(z.object({ ruleId: z.string().nullable(), message: z.string(), line: z.number().optional(), column: z.number().optional() })) });

/** With the same reports left out as by our pass, as far as a report alone can tell. */
async function textsOf(result: unknown, root: string): Promise<string[]> {
  const { filePath, messages } = messageSchema.parse(result);
  const file = path.relative(root, filePath);
  const source = messages.some(({ ruleId }) => ruleId === 'jsdoc/check-tag-names') ? await readFile(filePath, 'utf8') : '';
  const places = new Set<string>();
  return messages.flatMap(({ ruleId, message, line = 0, column = 0 }) => {
    const place = `${ruleId ?? ''}:${line}:${column}`;
    if (ruleId === null || !isComparedRule(ruleId) || message.startsWith('Inline configuration for rule') || places.has(place)) return [];
    places.add(place);
    if (ruleId === 'jsdoc/check-tag-names' && !isMisspelt(tagAt(source, line))) return [];
    return [findingText('rules', { file, line, column, rule: ruleId, message: shortened(message) })];
  });
}

/** As by our pass. */
const MESSAGE_LENGTH_MAX = 500;

function shortened(message: string): string {
  return message.length > MESSAGE_LENGTH_MAX ? `${message.slice(0, MESSAGE_LENGTH_MAX)}…` : message;
}

/** One block for each set, as a person would write it: for the files that the set means. */
function configText(sets: readonly (keyof typeof RULE_SETS)[], root: string): string {
  const module = (...parts: string[]): string => JSON.stringify(path.join(BUILT, 'gates', 'engines', ...parts));
  const names = JSON.stringify(sets);
  return `import path from 'node:path';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { RULE_SETS } from ${module('rules', 'sets.js')};
import { ownPlugin } from ${module('rules', 'own-plugin.js')};

const require = createRequire(${module('rules', 'sets.js')});
const load = async (name) => { const loaded = await import(pathToFileURL(require.resolve(name)).href); return loaded.default ?? loaded; };
const plugins = { jsdoc: await load('eslint-plugin-jsdoc'), 'no-unsanitized': await load('eslint-plugin-no-unsanitized'), regexp: await load('eslint-plugin-regexp'), security: await load('eslint-plugin-security'), 'spark-gates': ownPlugin };
const { parser } = await load('typescript-eslint');
const globals = Object.fromEntries(['window', 'global', 'self', 'setTimeout', 'setInterval', 'setImmediate', 'execScript', 'require', 'module', 'exports'].map((name) => [name, 'readonly']));
const root = ${JSON.stringify(root)};

export default [
  {
    files: ['**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx}'],
    plugins,
    languageOptions: { parser, globals, parserOptions: { ecmaFeatures: { jsx: true }, jsDocParsingMode: 'none', warnOnUnsupportedTypeScriptVersion: false } },
    linterOptions: { reportUnusedDisableDirectives: 'off', reportUnusedInlineConfigs: 'off' },
    settings: { jsdoc: { mode: 'typescript' } },
  },
  { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
  ...${names}.map((name) => ({ files: [(file) => RULE_SETS[name].applies(path.relative(root, file))], rules: RULE_SETS[name].rules })),
];
`;
}
