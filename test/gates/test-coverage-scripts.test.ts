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

