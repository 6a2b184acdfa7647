import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import coverageLibrary, { type CoverageMapData } from 'istanbul-lib-coverage';
import { expect, it } from 'vitest';
import type { CheckOutcome } from '../../src/model/check.ts';
import { runGate, type GateRun } from '../rig/gate.ts';
import { makeProject, REPOSITORY } from '../rig/project.ts';

const CASHIER = 'exports.change = (paid, price) => {\n  if (paid < price) {\n    throw new RangeError("not enough");\n  }\n  return paid - price;\n};\n';
const RECEIPT = 'const { change } = require("./cashier.js");\nexports.receipt = (paid, price) => "change: " + change(paid, price);\n';

/** The same sources and the same four tests for each runner: one passes, one fails, one is left out, one file does not load. */
function shop(script: string, tests: Readonly<Record<string, string>>): Record<string, string> {
  return { 'package.json': JSON.stringify({ name: 'till', scripts: { test: script } }), 'src/cashier.js': CASHIER, 'src/receipt.js': RECEIPT, ...tests };
}

function done({ outcomes }: GateRun): Extract<CheckOutcome, { status: 'done' }> {
  expect(outcomes).toHaveLength(1);
  const outcome = outcomes[0]?.outcome;
  if (outcome?.status !== 'done') throw new Error(`expected the check to be done: ${JSON.stringify(outcome)}`);
  return outcome;
}

const testsOf = (run: GateRun): string[] => (done(run).inspected.tests ?? []).map(({ file, name, status }) => `${file}: ${name}: ${status}`);
const findingsOf = (run: GateRun): string[] => done(run).findings.map(({ rule, file, line, message }) => `${rule} ${String(file)}:${String(line)} ${message}`);
const linesOf = (run: GateRun): Record<string, string> => Object.fromEntries(Object.entries(done(run).coverage ?? {}).map(([file, { lines }]) => [file, `${String(lines.covered)}/${String(lines.total)}`]));

const JEST_TEST = `const { change } = require('../src/cashier.js');
describe('change', () => {
  test('is what is left', () => { expect(change(10, 7)).toBe(3); });
  test('is exact', () => {
    expect(change(10, 7)).toBe(4);
  });
  test.skip('is rounded', () => {});
});
`;

it('runs Jest: tests, failures, files that do not load, coverage', async () => {
  await using project = await makeProject(shop('jest --verbose --coverageThreshold=\'{"global":{"lines":100}}\'', {
    'test/cashier.test.js': JEST_TEST,
    'test/receipt.test.js': "require('../src/nowhere.js');\ntest('prints', () => {});\n",
  }), { packages: { jest: 'jest' }, git: true });
  const run = await runGate(project, 'test_coverage');
  expect(testsOf(run)).toEqual(['test/cashier.test.js: change > is exact: failed', 'test/cashier.test.js: change > is rounded: skipped', 'test/cashier.test.js: change > is what is left: passed']);
  expect(findingsOf(run)).toEqual([
    'test test/cashier.test.js:5 change > is exact: expect(received).toBe(expected) // Object.is equality\n\nExpected: 4\nReceived: 3',
    "test-file test/receipt.test.js:1 Cannot find module '../src/nowhere.js' from 'test/receipt.test.js'",
  ]);
  expect(done(run)).toMatchObject({ unloadedTests: ['test/receipt.test.js'] });
  expect(await project.git('status', '--porcelain')).toBe('');
});

it('runs only the related tests with Jest', async () => {
  await using project = await makeProject(shop('jest', { 'test/cashier.test.js': JEST_TEST, 'test/other.test.js': "test('other', () => {});\n" }), { packages: { jest: 'jest' } });
  const run = await runGate(project, 'test_coverage', { teams: { till: ['src/cashier.js'] } });
  expect([...new Set((done(run).inspected.tests ?? []).map(({ file }) => file))]).toEqual(['test/cashier.test.js']);
  expect(linesOf(run)).toEqual({ 'src/cashier.js': '3/4' });
});

const NODE_TEST = `const { describe, it } = require('node:test');
const assert = require('node:assert');
const { change } = require('../src/cashier.js');
describe('change', () => {
  it('is what is left', () => { assert.strictEqual(change(10, 7), 3); });
  it('is exact', () => {
    assert.strictEqual(change(10, 7), 4);
  });
  it.skip('is rounded', () => {});
});
`;

it('runs node:test: tests, failures, files that do not load, coverage', async () => {
  await using project = await makeProject(shop("node --test --test-reporter=spec 'test/**/*.test.js'", {
    'test/cashier.test.js': NODE_TEST,
    'test/receipt.test.js': "require('../src/nowhere.js');\n",
  }), { git: true });
  const run = await runGate(project, 'test_coverage');
  expect(testsOf(run)).toEqual(['test/cashier.test.js: change > is exact: failed', 'test/cashier.test.js: change > is rounded: skipped', 'test/cashier.test.js: change > is what is left: passed']);
  expect(findingsOf(run)).toEqual([
    'test test/cashier.test.js:7 change > is exact: AssertionError: Expected values to be strictly equal:\n\n3 !== 4',
    "test-file test/receipt.test.js:1 Error: Cannot find module '../src/nowhere.js'",
  ]);
  expect(done(run)).toMatchObject({ unloadedTests: ['test/receipt.test.js'] });
  expect(await project.git('status', '--porcelain')).toBe('');
});

it('measures with node:test what the c8 command measures', async () => {
  await using project = await makeProject(shop('node --test', { 'test/cashier.test.js': NODE_TEST.replace('7), 4)', '7), 3)') }));
  const run = await runGate(project, 'test_coverage');
  expect(linesOf(run)).toEqual({ 'src/cashier.js': '4/6', 'src/receipt.js': '0/2' });

  const folder = path.join(project.root, '..', 'by-hand');
  const c8 = path.join(REPOSITORY, 'node_modules', 'c8', 'bin', 'c8.js');
  await promisify(execFile)(process.execPath, [c8, '--all', '--reporter=json', `--reports-dir=${folder}`, `--temp-directory=${folder}/raw`, process.execPath, '--test'], { cwd: project.root, env: { PATH: process.env['PATH'] } });
  const map = coverageLibrary.createCoverageMap(JSON.parse(await readFile(path.join(folder, 'coverage-final.json'), 'utf8')) as CoverageMapData);
  const counts = (data: Readonly<Record<'lines' | 'statements' | 'branches' | 'functions', { readonly total: number; readonly covered: number }>>) =>
    [data.lines, data.statements, data.branches, data.functions].map(({ total, covered }) => `${String(covered)}/${String(total)}`);
  const byHand = Object.fromEntries(map.files().map((file) => [path.relative(project.root, file), counts(map.fileCoverageFor(file).toSummary().data)]));
  expect(Object.fromEntries(Object.entries(done(run).coverage ?? {}).map(([file, coverage]) => [file, counts(coverage)]))).toEqual(byHand);
});

it('runs only the related tests with node:test', async () => {
  await using project = await makeProject(shop('node --test', { 'test/cashier.test.js': NODE_TEST, 'test/other.test.js': "require('node:test').test('other', () => {});\n" }));
  const run = await runGate(project, 'test_coverage', { teams: { till: ['src/cashier.js'] } });
  expect([...new Set((done(run).inspected.tests ?? []).map(({ file }) => file))]).toEqual(['test/cashier.test.js']);
});

const MOCHA_TEST = `const assert = require('node:assert');
const { change } = require('../src/cashier.js');
describe('change', () => {
  it('is what is left', () => { assert.strictEqual(change(10, 7), 3); });
  it('is exact', () => {
    assert.deepStrictEqual({ back: change(10, 7) }, { back: 4 });
  });
  it.skip('is rounded', () => {});
});
`;

it('runs Mocha: tests, failures, coverage, its own configuration', async () => {
  await using project = await makeProject(shop('mocha --reporter dot', {
    '.mocharc.json': '{ "spec": "specs/*.js", "timeout": 5000 }',
    'specs/cashier.js': MOCHA_TEST,
  }), { packages: { mocha: 'mocha' }, git: true });
  const run = await runGate(project, 'test_coverage');
  expect(testsOf(run)).toEqual(['specs/cashier.js: change > is exact: failed', 'specs/cashier.js: change > is rounded: skipped', 'specs/cashier.js: change > is what is left: passed']);
  expect(done(run).findings.map(({ rule, file, line }) => ({ rule, file, line }))).toEqual([{ rule: 'test', file: 'specs/cashier.js', line: 6 }]);
  expect(done(run).findings[0]?.message).toMatch(/^change > is exact: AssertionError: Expected values to be strictly deep-equal:\n\+ actual - expected\n/);
  expect(linesOf(run)['src/cashier.js']).toBe('4/6');
  expect(await project.git('status', '--porcelain')).toBe('');
});

it('runs only the related tests with Mocha, and tells which file does not load', async () => {
  await using project = await makeProject(shop('mocha', { 'test/cashier.js': MOCHA_TEST, 'test/other.js': "it('other', () => {});\n" }), { packages: { mocha: 'mocha' } });
  const run = await runGate(project, 'test_coverage', { teams: { till: ['src/cashier.js'] } });
  expect([...new Set((done(run).inspected.tests ?? []).map(({ file }) => file))]).toEqual(['test/cashier.js']);

  await project.write({ 'test/other.js': "require('../src/nowhere.js');\n" });
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual(["test-file test/other.js:1 Error: Cannot find module '../src/nowhere.js'"]);
});

it('runs a plain command in its own words', async () => {
  await using project = await makeProject(shop('node check.js', { 'check.js': "const { change } = require('./src/cashier.js');\nif (change(10, 7) !== 3) throw new Error('wrong');\n" }));
  const good = await runGate(project, 'test_coverage');
  expect(done(good).findings).toEqual([]);
  expect(linesOf(good)['src/cashier.js']).toBe('4/6');

  await project.write({ 'check.js': "console.log('checking'); process.exit(3);\n" });
  expect(findingsOf(await runGate(project, 'test_coverage'))).toEqual(['test null:null node check.js: exit code 3\nchecking']);
});
