import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { CheckOutcome } from '../../src/model/check.ts';
import { runGate, type GateRun } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';

/** What a project's test script says, exactly, is what is run: no step, hook, filter or option of it is lost. */
const SCALE = 'exports.weigh = (grams) => grams / 1000;\n';
const KILO = 'exports.KILO = 1000;\n';

type Done = Extract<CheckOutcome, { status: 'done' }>;

function done({ outcomes }: GateRun): readonly Done[] {
  return outcomes.map(({ outcome }) => {
    if (outcome.status !== 'done') throw new Error(`expected the check to be done: ${JSON.stringify(outcome)}`);
    return outcome;
  });
}

const testsOf = (run: GateRun): string[] => done(run).flatMap(({ inspected }) => (inspected.tests ?? []).map(({ file, name, status }) => `${file}: ${name}: ${status}`));
const findingsOf = (run: GateRun): string[] => done(run).flatMap(({ findings }) => findings.map(({ rule, file, message }) => `${rule} ${String(file)}: ${message.split('\n')[0] ?? ''}`));
const linesOf = (run: GateRun): Record<string, string> => Object.fromEntries(done(run).flatMap(({ coverage }) => Object.entries(coverage ?? {}).map(([file, { lines }]) => [file, `${String(lines.covered)}/${String(lines.total)}`])));

function manifest(scripts: Readonly<Record<string, string>>, more: object = {}): string {
  return JSON.stringify({ name: 'scales', version: '1.2.3', scripts, ...more });
}

/** A test of either runner that passes when `weigh(2000)` is `kilos`. */
const jasmine = (kilos: number, up = '..'): string => `const { weigh } = require('${up}/src/scale.js');\nit('weighs', () => { require('node:assert').strictEqual(weigh(2000), ${String(kilos)}); });\n`;
const nodeTest = (kilos: number, up = '..'): string => `const { it } = require('node:test');\n${jasmine(kilos, up)}`;

it('passes a Jest project all of whose tests pass, for the workspace and for teams', async () => {
  await using project = await makeProject({ 'package.json': manifest({ test: 'jest' }), 'src/scale.js': SCALE, 'test/scale.test.js': jasmine(2) }, { packages: { jest: 'jest' } });
  for (const teams of [undefined, { scale: ['src/**'] }]) {
    const run = await runGate(project, 'test_coverage', teams === undefined ? {} : { teams });
    expect([testsOf(run), findingsOf(run), linesOf(run)]).toEqual([['test/scale.test.js: weighs: passed'], [], { 'src/scale.js': '1/1' }]);
  }
});

it('builds before it tests what was built, stale or not', async () => {
  await using project = await makeProject({
    'package.json': manifest({ build: 'node build.js', test: 'npm run build && node --test out/*.test.js' }),
    'build.js': "const fs = require('node:fs');\nfs.mkdirSync('out', { recursive: true });\nfor (const name of fs.readdirSync('src')) fs.copyFileSync(`src/${name}`, `out/${name}`);\n",
    'src/scale.js': SCALE,
    'src/scale.test.js': nodeTest(3).replace('../src', '.'),
    'out/scale.test.js': nodeTest(2).replace('../src', '.'),
    'out/scale.js': SCALE,
    '.gitignore': 'out\nnode_modules\n',
  }, { git: true });
  for (const teams of [undefined, { scale: ['src/**'] }]) {
    const run = await runGate(project, 'test_coverage', teams === undefined ? {} : { teams });
    expect(testsOf(run)).toEqual(['out/scale.test.js: weighs: failed']);
  }

  await project.write({ 'build.js': "console.error('out of memory');\nprocess.exit(4);\n" });
  const run = await runGate(project, 'test_coverage');
  expect(done(run)[0]?.findings.map(({ file, message }) => [file, message])).toEqual([[null, 'npm run build: exit code 4\n> scales@1.2.3 build\n> node build.js\nout of memory']]);
  expect(testsOf(run)).toEqual([]);
});

it('runs a built test that no import leads to, where only a team is asked about', async () => {
  for (const [script, test] of [['node --test out', nodeTest(3)], ['mocha out test', jasmine(3)]] as const) {
    await using project = await makeProject({ 'package.json': manifest({ test: script }), 'src/scale.js': SCALE, 'out/scale.test.js': test, '.gitignore': 'out\nnode_modules\n' }, { git: true, packages: { mocha: 'mocha' } });
    await project.write({ '.gitignore': 'out\nnode_modules\n', 'test/other.js': '' });
    expect(testsOf(await runGate(project, 'test_coverage', { teams: { scale: ['src/**'] } }))).toEqual(['out/scale.test.js: weighs: failed']);
  }
});

it('runs the commands after the runner, even after a failed test, and counts them', async () => {
  await using project = await makeProject({
    'package.json': manifest({ test: 'mocha && node smoke.js' }),
    'src/scale.js': SCALE,
    'test/scale.js': jasmine(3),
    'smoke.js': "console.log('smoking', process.env.npm_lifecycle_event, process.env.npm_package_version); process.exit(require('./src/scale.js').weigh(1000) === 1 ? 0 : 5);\n",
  }, { packages: { mocha: 'mocha' } });
  expect(testsOf(await runGate(project, 'test_coverage'))).toEqual(['package.json: node smoke.js: passed', 'test/scale.js: weighs: failed']);

  await project.write({ 'test/scale.js': jasmine(2), 'src/scale.js': 'exports.weigh = (grams) => (grams < 1500 ? 0 : 2);\n' });
  const run = await runGate(project, 'test_coverage');
  expect(testsOf(run)).toEqual(['package.json: node smoke.js: failed', 'test/scale.js: weighs: passed']);
  expect(done(run)[0]?.findings.map(({ message }) => message)).toEqual(['node smoke.js: exit code 5\nsmoking test 1.2.3']);
});

it('runs what npm runs before and after a script', async () => {
  await using project = await makeProject({ 'package.json': manifest({ pretest: 'echo "exports.KILO = 1000;" > made.js', test: 'node check.js', posttest: 'test ! -e stop' }), 'check.js': "process.exit(require('./made.js').KILO === 1000 ? 0 : 1);\n" });
  expect(testsOf(await runGate(project, 'test_coverage'))).toEqual(['package.json: node check.js: passed', 'package.json: test ! -e stop: passed']);
  await project.write({ stop: '' });
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual(['test null: test ! -e stop: exit code 1']);
});

it('says that a command of a script is missing, and passes nothing for it', async () => {
  await using project = await makeProject({ 'package.json': manifest({ test: 'node --test && no-such-program' }), 'a.test.js': "require('node:test').it('a', () => {});\n" });
  const [first] = (await runGate(project, 'test_coverage')).outcomes;
  expect(first?.outcome).toMatchObject({ status: 'error', failure: { reason: 'engine-crashed', engine: 'command' } });
});

it.each([
  ['node --test test/unit/*.js && node --test test/e2e/*.js', nodeTest],
  ['mocha test/unit && mocha test/e2e', jasmine],
  ['jest test/unit && jest test/e2e', jasmine],
  ['vitest run --globals test/unit && vitest run --globals test/e2e', (kilos: number, up?: string): string => jasmine(kilos, up).replace('const { weigh } = require', 'const { weigh } = await import').replace("require('node:assert')", "(await import('node:assert'))").replace('() =>', 'async () =>')],
])('runs each call of %s with its own words, and joins what they cover', async (script, test) => {
  const end = script.startsWith('node') || script.startsWith('mocha') ? 'js' : script.startsWith('jest') ? 'test.js' : 'test.mjs';
  await using project = await makeProject({
    'package.json': manifest({ test: script }),
    'src/scale.js': 'exports.weigh = (grams) => {\n  if (grams === 2000) return 2;\n  return grams / 1000;\n};\n',
    [`test/unit/scale.${end}`]: test(2, '../..'),
    [`test/e2e/scale.${end}`]: test(3, '../..').replace('weigh(2000)', 'weigh(2500)'),
    [`test/never/scale.${end}`]: test(9, '../..'),
  }, { packages: { jest: 'jest', mocha: 'mocha', vitest: 'vitest', '@vitest/coverage-v8': '@vitest/coverage-v8' } });
  const run = await runGate(project, 'test_coverage');
  expect(testsOf(run)).toEqual([`test/e2e/scale.${end}: weighs: failed`, `test/unit/scale.${end}: weighs: passed`]);
  const [covered, total] = (linesOf(run)['src/scale.js'] ?? '').split('/');
  expect(covered).toBe(total);
});

it('keeps the filter of the script where only the related tests are run', async () => {
  const files = { 'src/scale.js': SCALE, 'src/kilo.js': KILO, 'e2e/scale.test.js': jasmine(9), 'unit/scale.test.js': jasmine(2) };
  for (const script of ['jest unit', 'jest --testPathPatterns unit --ci', 'jest -t weighs ./unit']) {
    await using project = await makeProject({ 'package.json': manifest({ test: script }), ...files }, { packages: { jest: 'jest' } });
    expect(testsOf(await runGate(project, 'test_coverage', { teams: { scale: ['src/scale.js'] } }))).toEqual(['unit/scale.test.js: weighs: passed']);
  }
  const test = (kilos: number): string => `import { weigh } from '../src/scale.js';\nimport { expect, it } from 'vitest';\nit('weighs', () => { expect(weigh(2000)).toBe(${String(kilos)}); });\n`;
  await using project = await makeProject({ 'package.json': manifest({ test: 'vitest run unit' }, { type: 'module' }), 'src/scale.js': SCALE.replace('exports.weigh', 'export const weigh'), 'e2e/scale.test.js': test(9), 'unit/scale.test.js': test(2) }, { packages: { vitest: 'vitest' } });
  const run = await runGate(project, 'test_coverage', { teams: { scale: ['unit/scale.test.js', 'e2e/scale.test.js'] } });
  expect(testsOf(run)).toEqual(['unit/scale.test.js: weighs: passed']);

  const nothing = await runGate(project, 'test_coverage', { teams: { scale: ['e2e/scale.test.js'] } });
  expect(nothing.outcomes[0]?.outcome).toEqual({ status: 'skipped', reason: "no test is related to the teams' files" });
});

it.each(['node --experimental-vm-modules node_modules/jest/bin/jest.js', 'NODE_OPTIONS="$NODE_OPTIONS --experimental-vm-modules" jest', 'cross-env NODE_OPTIONS=--experimental-vm-modules npx jest'])('runs Jest on ES modules as %s', async (script) => {
  await using project = await makeProject({
    'package.json': manifest({ test: script }, { type: 'module', jest: { transform: {} } }),
    'src/scale.js': SCALE.replace('exports.weigh', 'export const weigh'),
    'test/scale.test.js': "import { weigh } from '../src/scale.js';\ntest('weighs', () => { expect(weigh(2000)).toBe(2); });\n",
  }, { packages: { jest: 'jest' } });
  expect(testsOf(await runGate(project, 'test_coverage'))).toEqual(['test/scale.test.js: weighs: passed']);
});

it('counts no file as a source that the runner took for a test, nor what stands beside it in a folder of specs', async () => {
  const files = { 'src/scale.js': SCALE, 'lib/spec/list.js': KILO };
  const checks = { 'package.json': manifest({ test: 'jest' }, { jest: { testMatch: ['**/*.check.js'] } }), 'src/scale.check.js': jasmine(2, '..') };
  await using jest = await makeProject({ ...files, ...checks }, { packages: { jest: 'jest' } });
  expect(linesOf(await runGate(jest, 'test_coverage'))).toEqual({ 'src/scale.js': '1/1', 'lib/spec/list.js': '0/1' });

  await using mocha = await makeProject({ ...files, 'package.json': manifest({ test: 'mocha spec' }), 'spec/scale.js': `require('./balance.js');\n${jasmine(2)}`, 'spec/balance.js': KILO }, { packages: { mocha: 'mocha' } });
  expect(linesOf(await runGate(mocha, 'test_coverage'))).toEqual({ 'src/scale.js': '1/1', 'lib/spec/list.js': '0/1' });
});

it("reports a Vitest file without a test, and calls a project without a test file no failure", async () => {
  const vitest = { packages: { vitest: 'vitest' } };
  await using project = await makeProject({ 'package.json': manifest({ test: 'vitest run' }), 'a.test.mjs': "import { it } from 'vitest';\nit('a', () => {});\n", 'b.test.mjs': '' }, vitest);
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual(['test-file b.test.mjs: No test suite found in file b.test.mjs']);

  await project.write({ 'package.json': manifest({ test: 'vitest run --passWithNoTests' }) });
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual([]);

  await using empty = await makeProject({ 'package.json': manifest({ test: 'vitest run' }), 'a.mjs': '' }, vitest);
  expect((await runGate(empty, 'test_coverage')).outcomes[0]?.outcome).toEqual({ status: 'skipped', reason: 'the suite has no tests' });
});

it('says what a node:test file failed of when none of its tests did', async () => {
  const start = "const { it } = require('node:test');\nit('works', () => {});\n";
  await using project = await makeProject({
    'package.json': manifest({ test: 'node --test' }),
    'code.test.js': `process.exitCode = 3;\n${start}`,
    'late.test.js': `${start}setTimeout(() => { throw new RangeError('too late'); }, 20);\n`,
    'loud.test.js': `process.exitCode = 4;\nconsole.error('the scale is off');\n${start}`,
    'thrown.test.js': `${start}throw new TypeError('not a scale');\n`,
  });
  expect(done(await runGate(project, 'test_coverage'))[0]?.findings.map(({ file, message }) => `${String(file)}: ${message}`)).toEqual([
    'code.test.js: none of its tests failed, but the file ended with exit code 3',
    'late.test.js: threw after its tests had ended: RangeError: too late',
    'loud.test.js: none of its tests failed, but the file ended with exit code 4; it printed:\nthe scale is off',
    expect.stringMatching(/^thrown\.test\.js: .*TypeError: not a scale$/),
  ]);
});

it("prepares the packages' tests once, and tells each of them when that fails", async () => {
  const member = manifest({ test: 'node --test' });
  await using project = await makeProject({
    'package.json': manifest({ build: 'node -e "fs.appendFileSync(\'built\', \'x\')"', test: 'npm run build && npm test --workspaces' }, { workspaces: ['packages/*'] }),
    'packages/a/package.json': member, 'packages/b/package.json': member,
    'packages/a/a.test.js': "require('node:test').it('a', () => {});\n", 'packages/b/b.test.js': "require('node:test').it('b', () => {});\n",
  });
  expect(testsOf(await runGate(project, 'test_coverage'))).toEqual(['packages/a/a.test.js: a: passed', 'packages/b/b.test.js: b: passed']);
  expect(await readFile(path.join(project.root, 'built'), 'utf8')).toBe('x');

  await project.write({ 'package.json': manifest({ test: 'false && npm test --workspaces' }, { workspaces: ['packages/*'] }) });
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual(['test null: false: exit code 1', 'test null: false: exit code 1']);
});
