import { afterEach, expect, test, vi } from 'vitest';
import type { CheckOutcome } from '../../../src/model/check.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { FileStates } from '../../../src/system/file-states.ts';
import { makeProject, type Project } from '../../rig/project.ts';
import { runGate } from '../../rig/gate.ts';

/** As unicorn's rule does, it reports a date once it is over. */
const PLUGIN = `const create = (context) => ({ Program(node) {
  for (const { value } of context.sourceCode.getAllComments()) {
    const date = /\\d{4}-\\d{2}-\\d{2}/.exec(value)?.[0];
    if (date !== undefined && date < new Date().toISOString().slice(0, 10)) context.report({ node, message: 'over since ' + date });
  }
} });
export default { meta: { name: 'eslint-plugin-unicorn' }, rules: { 'expiring-todo-comments': { create }, 'no-null': { create: () => ({}) } } };
`;

function garden(rule: string, comment: string): Promise<Project> {
  return makeProject({
    'package.json': '{ "type": "module" }', 'node_modules/eslint-plugin-unicorn/package.json': '{ "type": "module", "exports": "./index.js" }', 'node_modules/eslint-plugin-unicorn/index.js': PLUGIN,
    'eslint.config.js': `import unicorn from 'eslint-plugin-unicorn';\nexport default [{ files: ['src/*.js'], plugins: { u: unicorn }, rules: { 'u/${rule}': 'error' } }];\n`,
    'src/beds.js': `// ${comment}\nexport const beds = 3;\n`, 'src/trees.js': 'export const trees = 2;\n',
  }, { packages: { eslint: 'eslint' } });
}

/** What lint finds at this time of day, and for how long that is true. */
async function lintAt(time: string, project: Project, warm: Pick<RunContext, 'lane' | 'kept'> | null = null): Promise<{ messages: string[]; validity: unknown }> {
  vi.setSystemTime(new Date(time));
  const { outcomes } = await runGate(project, 'lint_enforcement', warm === null ? {} : { warm });
  const outcome = outcomes[0]?.outcome as Extract<CheckOutcome, { status: 'done' }>;
  return { messages: outcome.findings.map(({ message }) => message), validity: outcome.validity };
}

afterEach(() => { vi.useRealTimers(); });

test('what depends on the date is true for the rest of the day', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await using project = await garden('expiring-todo-comments', 'TODO [2030-05-01]: dig');
  expect(await lintAt('2030-05-01T21:00:00Z', project)).toEqual({ messages: [], validity: { kind: 'for', ms: 3 * 3_600_000 } });
  expect(await lintAt('2030-05-02T00:00:00Z', project)).toEqual({ messages: ['over since 2030-05-01'], validity: { kind: 'for', ms: 24 * 3_600_000 } });
});

test.each([['no-null', 'TODO [2030-05-01]: dig'], ['expiring-todo-comments', 'TODO: dig']])('%s has no date in "%s"', async (rule, comment) => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await using project = await garden(rule, comment);
  expect(await lintAt('2030-05-01T21:00:00Z', project)).toEqual({ messages: [], validity: undefined });
});

test('a kept lane lints a file with a date again on another day', async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await using project = await garden('expiring-todo-comments', 'TODO [2030-05-01]: dig');
  const lane = new Map<string, unknown>();
  const files = new FileStates();
  const warm = (run: number): Pick<RunContext, 'lane' | 'kept'> => ({ lane, kept: { run, tree: { settings: '', all: '' }, files, thread: { guard: () => undefined, watch: () => undefined } } });
  expect((await lintAt('2030-05-01T23:59:59Z', project, warm(1))).messages).toEqual([]);
  expect(await lintAt('2030-05-02T00:00:00Z', project, warm(2))).toEqual({ messages: ['over since 2030-05-01'], validity: { kind: 'for', ms: 24 * 3_600_000 } });
});
