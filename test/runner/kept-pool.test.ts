import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import type { RunReport } from '../../src/model/report.ts';
import { makeLanePool, type LanePool } from '../../src/runner/index.ts';
import { describeMachine } from '../../src/system/machine.ts';
import { bundleScript } from '../rig/bundle.ts';
import { firstDifference, timedRun } from '../rig/compare-warm.ts';
import { makeProject, REPOSITORY, type Project } from '../rig/project.ts';
import { RandomEdits } from '../rig/random-edits.ts';
import { rounds } from '../rig/rounds.ts';
import { runHere } from '../rig/run.ts';
import { chooseSeed, seededRandom } from '../rig/seeded-random.ts';
import { makeWorkshop } from '../rig/workshop.ts';

function keptPool(threads = 2): LanePool {
  const pool = makeLanePool({ machine: describeMachine(), threads, kept: true });
  onTestFinished(() => pool.close());
  return pool;
}

/** A rule that says which thread it runs in, and how many files it has seen there. Its plugin has no name: nobody knows what it looks at. */
const TELLING = `import { threadId } from 'node:worker_threads';
import { severity } from './lint/severity.js';
let files = 0;
const plugin = { rules: { tell: { create: (context) => ({ Program(node) { files += 1; context.report({ node, message: 'file ' + files + ' in ' + threadId }); } }) } } };
export default [{ files: ['**/*.js'], plugins: { own: plugin }, rules: { 'own/tell': severity } }, { ignores: ['lint/', '*.js'] }];
`;

function makeTelling(): Promise<Project> {
  return makeProject({
    'package.json': '{ "type": "module" }', 'eslint.config.js': TELLING, 'lint/severity.js': "export const severity = 'error';\n", 'src/a.js': 'export const a = 1;\n', 'src/b.js': 'export const b = 1;\n', 'notes.md': '# Notes\n',
  }, { git: true, packages: { eslint: 'eslint' } });
}

function told(report: RunReport): { files: number[]; threads: Set<string>; severities: Set<string> } {
  const findings = report.teams.workspace?.gates.lint_enforcement?.findings ?? [];
  const parts = findings.map(({ message }) => /^file (\d+) in (\d+)$/.exec(message));
  return { files: parts.map((match) => Number(match?.[1])).sort(), threads: new Set(parts.map((match) => match?.[2] ?? '')), severities: new Set(findings.map(({ severity }) => severity)) };
}

const EDITS = rounds(3, 50);

test('after random edits a kept pool finds what new threads find', async () => {
  const seed = chooseSeed();
  console.log(`SPARK_GATES_TEST_SEED=${seed}`);
  await using project = await makeWorkshop();
  const edits = new RandomEdits(project.root, seededRandom(seed));
  const pool = keptPool();
  const done: string[] = [];
  for (let index = 0; index < EDITS; index++) {
    const warm = await timedRun(project.root, pool);
    const cold = await timedRun(project.root, null);
    expect(firstDifference(warm.report, cold.report), `seed ${seed} after ${done.join('; ')}`).toBe(null);
    for (let more = 0; more < 2; more++) done.push(edits.next());
  }
}, 300_000 + EDITS * 60_000);

test('a lane goes back to its thread, where what has not changed is not linted again', async () => {
  await using project = await makeTelling();
  const pool = keptPool();
  const first = told(await runHere(project, { gates: ['lint_enforcement'], pool }));
  expect(first.files).toEqual([1, 2]);
  expect(told(await runHere(project, { gates: ['lint_enforcement'], pool }))).toEqual(first);
});

test.each<[what: string, edit: Record<string, string>]>([
  ['a source, where a plugin may have looked into it', { 'src/a.js': 'export const a = 2;\n' }],
  ['a new source', { 'src/c.js': 'export const c = 1;\n' }],
  ['what the configuration imports', { 'lint/severity.js': "export const severity = 'warn';\n" }],
  ['prose, which a plugin may have read', { 'notes.md': '# More notes\n' }],
  ['a text that is new', { 'words.txt': 'alert\n' }],
  ['a data file', { 'package.json': '{ "type": "module", "name": "telling" }' }],
  ['an installed package', { 'node_modules/other/package.json': '{ "name": "other" }' }],
])('a thread ends that has loaded what is no longer true: %s', async (_, edit) => {
  await using project = await makeTelling();
  const pool = keptPool();
  const first = told(await runHere(project, { gates: ['lint_enforcement'], pool }));
  await project.write(edit);
  const second = told(await runHere(project, { gates: ['lint_enforcement'], pool }));
  expect([...second.threads]).not.toEqual([...first.threads]);
  expect(second.files).toEqual('src/c.js' in edit ? [1, 2, 3] : [1, 2]);
  expect([...second.severities]).toEqual(['lint/severity.js' in edit ? 'warning' : 'error']);
});

/** A configuration that reads nothing, and says by a number when it was loaded. */
const NUMBERED = "export default [{ files: ['src/*.js'], rules: { 'no-restricted-globals': ['error', { name: 'fetch', message: String(Math.random()) }] } }];\n";

async function makeNumbered(): Promise<Project> {
  const project = await makeProject({
    'package.json': '{ "type": "module" }',
    'eslint.config.js': NUMBERED,
    'src/a.js': "fetch('a');\n", 'src/b.js': "fetch('b');\n", 'notes.md': '# Notes\n',
  }, { git: true, packages: { eslint: 'eslint' } });
  await project.write({ '.gitignore': 'node_modules/\ngenerated/\n', 'generated/names.js': 'export const names = [];\n' });
  return project;
}

test.each<[what: string, edit: Record<string, string>, isKept: boolean]>([
  ['prose', { 'notes.md': '# More notes\n' }, true],
  ['a style sheet', { 'src/page.css': 'a { color: red }\n' }, true],
  ['another source', { 'src/b.js': 'export {};\n' }, true],
  ['an ignored source', { 'generated/names.js': 'export const names = [1];\n' }, true],
  ['an ignored data file', { 'generated/names.json': '[]' }, false],
  ['a package that is patched in place', { 'node_modules/other/lib/words.json': '[]' }, false],
])('where neither configuration nor rules look around, %s counts as far as it can be a setting', async (_, edit, isKept) => {
  await using project = await makeNumbered();
  if ('node_modules/other/lib/words.json' in edit) await project.write({ 'node_modules/other/lib/words.json': '[1]' });
  const pool = keptPool();
  const number = async (): Promise<string | undefined> => (await runHere(project, { gates: ['lint_enforcement'], pool })).teams.workspace?.gates.lint_enforcement?.findings.find(({ file }) => file === 'src/a.js')?.message;
  const first = await number();
  await project.write(edit);
  expect(await number() === first).toBe(isKept);
});

test.each([[true, false], [false, true]])('where a file asks git and a configuration names it: %s, a commit leaves the thread that has loaded it: %s', async (isNamed, isKept) => {
  await using project = await makeNumbered();
  await project.write({ 'scripts/version.js': "export const command = 'git describe --always';\n", ...(isNamed ? { 'eslint.config.js': `import './scripts/version.js';\n${NUMBERED}` } : {}) });
  const pool = keptPool();
  const number = async (): Promise<string | undefined> => (await runHere(project, { gates: ['lint_enforcement'], pool })).teams.workspace?.gates.lint_enforcement?.findings.find(({ file }) => file === 'src/a.js')?.message;
  const first = await number();
  expect(await number()).toBe(first);
  await project.git('commit', '--quiet', '--allow-empty', '--message', 'Nothing');
  expect(await number() === first).toBe(isKept);
});

test('without a look at the tree, what was loaded for lint is loaded again', async () => {
  await using project = await makeTelling();
  const pool = keptPool();
  const first = told(await runHere(project, { gates: ['lint_enforcement'], pool, isLookedAt: false }));
  expect([...told(await runHere(project, { gates: ['lint_enforcement'], pool, isLookedAt: false })).threads]).not.toEqual([...first.threads]);
});

test('rules of secretlint are loaded again when what they may have read has changed', async () => {
  await using project = await makeProject({
    'package.json': '{ "type": "module" }', '.secretlintrc.json': '{ "rules": [{ "id": "words" }] }', 'words.txt': 'sesame', 'src/door.js': "export const door = 'open';\n",
    'node_modules/secretlint-rule-words/package.json': '{ "name": "secretlint-rule-words", "type": "module", "exports": "./index.js" }',
    'node_modules/secretlint-rule-words/index.js': `import { readFileSync } from 'node:fs';
const word = readFileSync(new URL('../../words.txt', import.meta.url), 'utf8');
const create = (context) => ({ file({ content }) { if (content.includes("'" + word)) context.report({ message: 'says ' + word, range: [0, 1] }); } });
export const creator = { messages: {}, meta: { id: 'secretlint-rule-words', recommended: false, type: 'scanner', supportedContentTypes: ['text'] }, create };
`,
  }, { git: true });
  const pool = keptPool();
  const secrets = async (): Promise<string[]> => ((await runHere(project, { gates: ['security_analysis'], pool, config: { gates: { security_analysis: { audit: 'off' } } } })).teams.workspace?.gates.security_analysis?.findings ?? []).filter(({ rule }) => rule.includes('words')).map(({ file }) => file ?? '');
  expect(await secrets()).toEqual([]);
  await project.write({ 'words.txt': 'open' });
  expect(await secrets()).toEqual(['src/door.js']);
});

test('another environment is another thread', async () => {
  await using project = await makeTelling();
  await project.write({ 'lint/severity.js': 'export const severity = process.env.STRICT === \'1\' ? \'error\' : \'warn\';\n' });
  const pool = keptPool();
  const severity = async (environment: Record<string, string>): Promise<string[]> => [...told(await runHere(project, { gates: ['lint_enforcement'], pool, environment })).severities];
  expect(await severity({ STRICT: '1' })).toEqual(['error']);
  expect(await severity({ STRICT: '0' })).toEqual(['warning']);
});

test('a thread in which a check took too long, broke off or was stopped is not used again', async () => {
  await using project = await makeProject({
    'package.json': '{ "type": "module" }',
    'eslint.config.js': "import { hang } from './lint/hang.js';\nconst plugin = { rules: { hang: { create: () => ({ Program() { hang(); } }) } } };\nexport default [{ files: ['src/*.js'], plugins: { own: plugin }, rules: { 'own/hang': 'error' } }];\n",
    'lint/hang.js': 'export const hang = () => { for (;;); };\n',
    'src/a.js': 'export const a = 1;\n',
  }, { git: true, packages: { eslint: 'eslint' } });
  const pool = keptPool();
  const lint = async (timeLimitMs: number, onEvent?: (event: { type: string }, cancel: AbortController) => void): Promise<string | undefined> =>
    (await runHere(project, { gates: ['lint_enforcement'], pool, config: { gates: { lint_enforcement: { timeLimitMs } } }, ...(onEvent === undefined ? {} : { onEvent }) })).teams.workspace?.gates.lint_enforcement?.status;
  expect(await lint(1_000)).toBe('error');
  expect(await lint(600_000, (event, cancel) => { if (event.type === 'check-started') cancel.abort(); })).toBe('error');
  await project.write({ 'lint/hang.js': "export const hang = () => { throw new Error('no'); };\n" });
  expect(await lint(600_000)).toBe('error');
  await project.write({ 'lint/hang.js': 'export const hang = () => undefined;\n' });
  expect(await lint(600_000)).toBe('passed');
});

test('a pool that nobody closed keeps no process alive', async () => {
  await using project = await makeTelling();
  const script = await bundleScript('test/runner/forgotten-pool-process.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, project.root, REPOSITORY], { timeout: 60_000 });
  expect(stdout).toBe('failed\n');
});
