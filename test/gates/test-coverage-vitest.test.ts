import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import coverageLibrary, { type CoverageMapData } from 'istanbul-lib-coverage';
import { expect, it } from 'vitest';
import { GATES } from '../../gates/index.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import { resolveSettings } from '../../src/model/preset.ts';
import { runGate } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';

const VITEST = { vitest: 'vitest', '@vitest/coverage-v8': '@vitest/coverage-v8' };

const PRICES = `export interface Price {
  readonly cents: number;
}

export function total(prices: readonly Price[]): number {
  if (prices.length === 0) {
    return 0;
  }
  return prices.reduce((sum, { cents }) => sum + cents, 0);
}
`;

const SHIPPING = `import { total, type Price } from './prices.ts';

export function shipping(prices: readonly Price[]): number {
  return total(prices) > 5000 ? 0 : 490;
}
`;

const SHOP = {
  'package.json': JSON.stringify({ name: 'shop', type: 'module', scripts: { test: 'vitest run' }, devDependencies: { vitest: '*' } }),
  'src/prices.ts': PRICES,
  'src/prices.test.ts': `import { expect, test } from 'vitest';
import { total } from './prices.ts';

test('adds up', () => { expect(total([{ cents: 100 }, { cents: 250 }])).toBe(350); });
test('of nothing is nothing', () => { expect(total([])).toBe(0); });
`,
  'src/shipping.ts': SHIPPING,
  'src/shipping.test.ts': `import { describe, expect, it } from 'vitest';
import { shipping } from './shipping.ts';

describe('shipping', () => {
  it('is free from 50', () => { expect(shipping([{ cents: 6000 }])).toBe(0); });
  it('costs below', () => { expect(shipping([{ cents: 100 }])).toBe(490); });
});
`,
};

function only(outcomes: readonly { readonly outcome: CheckOutcome }[]): CheckOutcome {
  expect(outcomes).toHaveLength(1);
  const [first] = outcomes;
  if (first === undefined) throw new Error('one check was expected');
  return first.outcome;
}

function done(outcome: CheckOutcome): Extract<CheckOutcome, { status: 'done' }> {
  if (outcome.status !== 'done') throw new Error(`expected the check to be done: ${JSON.stringify(outcome)}`);
  return outcome;
}

const full = (total: number) => ({ total, covered: total });

it('passes good code, names every test, and measures each source', async () => {
  await using project = await makeProject(SHOP, { packages: VITEST, git: true });
  const { outcomes, plan } = await runGate(project, 'test_coverage');
  const outcome = done(only(outcomes));
  expect(outcome.findings).toEqual([]);
  expect(outcome.inspected.tests?.map(({ file, name, status }) => `${file}: ${name}: ${status}`)).toEqual([
    'src/prices.test.ts: adds up: passed',
    'src/prices.test.ts: of nothing is nothing: passed',
    'src/shipping.test.ts: shipping > costs below: passed',
    'src/shipping.test.ts: shipping > is free from 50: passed',
  ]);
  expect(outcome.inspected.files).toEqual(['src/prices.test.ts', 'src/prices.ts', 'src/shipping.test.ts', 'src/shipping.ts']);
  expect(outcome.coverage).toEqual({
    'src/prices.ts': { lines: full(3), statements: full(4), branches: full(2), functions: full(2), uncoveredLines: [] },
    'src/shipping.ts': { lines: full(1), statements: full(1), branches: full(2), functions: full(1), uncoveredLines: [] },
  });
  expect(plan.checks.map(({ engine, locks }) => ({ engine, locks }))).toEqual([{ engine: 'vitest', locks: ['test-run'] }]);
  expect(await project.git('status', '--porcelain')).toBe('');
});

it('reports failing tests at their lines with what was expected and received', async () => {
  await using project = await makeProject({
    ...SHOP,
    'src/prices.test.ts': `import { beforeAll, describe, expect, it, test } from 'vitest';
import { total } from './prices.ts';

test('adds up', () => {
  expect({ sum: total([{ cents: 1 }]) }).toEqual({ sum: 2 });
});
describe('hooked', () => {
  beforeAll(() => { throw new Error('no database'); });
  it('never runs', () => { expect(1).toBe(2); });
});
test('remembers', () => { expect(total([])).toMatchSnapshot(); });
test('lets go', () => { void Promise.reject(new Error('nobody waits')); });
`,
  }, { packages: VITEST, git: true });
  const { outcomes } = await runGate(project, 'test_coverage');
  const { findings } = done(only(outcomes));
  expect(findings.map(({ rule, file, line, column, message }) => ({ rule, at: `${String(file)}:${String(line)}:${String(column)}`, message }))).toEqual([
    { rule: 'test', at: 'src/prices.test.ts:5:42', message: 'adds up: AssertionError: expected { sum: 1 } to deeply equal { sum: 2 }\n- Expected\n+ Received\n\n  {\n-   "sum": 2,\n+   "sum": 1,\n  }' },
    { rule: 'test-file', at: 'src/prices.test.ts:8:27', message: 'hooked: no database' },
    { rule: 'test', at: 'src/prices.test.ts:11:45', message: 'remembers: Snapshot `remembers 1` mismatched\nThere is no such snapshot, and a gate writes none: run the test once by hand and keep the snapshot file.' },
    { rule: 'unhandled-error', at: 'src/prices.test.ts:12:45', message: 'unhandled: nobody waits' },
  ]);
  expect(await project.git('status', '--porcelain')).toBe('');
});

it('lays a source that does not parse to that source, once for all test files', async () => {
  await using project = await makeProject({ ...SHOP, 'src/prices.ts': 'export const = 5;\n' }, { packages: VITEST });
  const { outcomes } = await runGate(project, 'test_coverage');
  const { findings } = done(only(outcomes));
  expect(findings.map(({ rule, file, line, column, kind }) => ({ rule, file, line, column, kind }))).toEqual([{ rule: 'test-file', file: 'src/prices.ts', line: 1, column: 14, kind: 'parse' }]);
  expect(findings[0]?.message.split('\n')[0]).toBe('does not parse: Unexpected token');
  expect(findings[0]?.message.split('\n').at(-1)).toBe('needed by src/prices.test.ts, src/shipping.test.ts');
  expect(done(only(outcomes))).toMatchObject({ unloadedTests: ['src/prices.test.ts', 'src/shipping.test.ts'] });
});

it('runs once for two teams, and only the tests that reach their files', async () => {
  await using project = await makeProject({ ...SHOP, 'src/other.ts': 'export const other = 1;\n', 'src/other.test.ts': "import { test } from 'vitest';\nimport './other.ts';\ntest('other', () => {});\n" }, { packages: VITEST });
  const { outcomes, plan } = await runGate(project, 'test_coverage', { teams: { prices: ['src/prices.ts'], shipping: ['src/shipping.ts'] } });
  expect(plan.checks).toHaveLength(1);
  const outcome = done(only(outcomes));
  expect(outcome.inspected.tests?.map(({ file }) => file)).toEqual(['src/prices.test.ts', 'src/prices.test.ts', 'src/shipping.test.ts', 'src/shipping.test.ts']);
  expect(Object.keys(outcome.coverage ?? {})).toEqual(['src/prices.ts', 'src/shipping.ts']);
});

it('holds a team to its threshold, file by file', async () => {
  await using project = await makeProject({ ...SHOP, 'src/untested.ts': 'export function one(): number {\n  const value = 1;\n  return value;\n}\n', 'src/types.ts': 'export type Id = string;\n' }, { packages: VITEST });
  await project.remove('src/shipping.test.ts');
  const { outcomes } = await runGate(project, 'test_coverage');
  const { coverage = {} } = done(only(outcomes));
  expect(Object.keys(coverage)).toEqual(['src/prices.ts', 'src/shipping.ts', 'src/untested.ts']);
  const settings = resolveSettings({}).gates.test_coverage;
  const findings = GATES.test_coverage.assess?.({ team: 'workspace', files: Object.keys(coverage), findings: [], tests: [], coverage, measured: true }, settings);
  expect(findings?.map(({ rule, file, line, message }) => ({ rule, file, line, message }))).toEqual([
    { rule: 'coverage/lines', file: null, line: null, message: "50 % of lines covered (3 of 6) of the team's 3 source files together; the threshold is 60 %" },
    { rule: 'coverage/lines', file: 'src/shipping.ts', line: 4, message: '0 % of lines covered (0 of 1), the threshold is 60 %: no test reaches line 4' },
    { rule: 'coverage/lines', file: 'src/untested.ts', line: 2, message: '0 % of lines covered (0 of 2), the threshold is 60 %: no test reaches lines 2-3' },
  ]);
});

it('counts a source that no test is related to as not covered', async () => {
  await using project = await makeProject({ ...SHOP, 'src/untested.ts': 'export function one(): number {\n  const value = 1;\n  return value;\n}\n' }, { packages: VITEST });
  const { outcomes } = await runGate(project, 'test_coverage', { teams: { new: ['src/untested.ts'] } });
  const outcome = done(only(outcomes));
  expect(outcome.inspected.tests).toEqual([]);
  expect(outcome.coverage).toEqual({ 'src/untested.ts': { lines: { total: 2, covered: 0 }, statements: { total: 2, covered: 0 }, branches: { total: 0, covered: 0 }, functions: { total: 1, covered: 0 }, uncoveredLines: [2, 3] } });
});

it('measures what the command line measures, also with projects', async () => {
  await using project = await makeProject({
    ...SHOP,
    'src/untested.ts': 'export const pick = (flag: boolean, value = 1) => (flag && value > 0 ? value : 0);\n',
    'vitest.config.ts': "import { defineConfig } from 'vitest/config';\nexport default defineConfig({ test: { projects: [{ test: { name: 'a', include: ['src/prices.test.ts'] } }, { test: { name: 'b', include: ['src/shipping.test.ts'] } }], coverage: { include: ['src/**'], thresholds: { lines: 100, autoUpdate: true } } } });\n",
  }, { packages: VITEST, git: true });
  const { outcomes } = await runGate(project, 'test_coverage');
  const outcome = done(only(outcomes));
  expect(outcome.findings).toEqual([]);
  expect(outcome.inspected.tests).toHaveLength(4);
  expect(await project.git('status', '--porcelain')).toBe('');

  const folder = path.join(project.root, '..', 'by-hand');
  const cli = path.join(project.root, 'node_modules', 'vitest', 'vitest.mjs');
  await promisify(execFile)(process.execPath, [cli, 'run', '--coverage', '--coverage.reporter=json', `--coverage.reportsDirectory=${folder}`, '--coverage.thresholds.lines=0', '--coverage.thresholds.autoUpdate=false'], { cwd: project.root });
  const map = coverageLibrary.createCoverageMap(JSON.parse(await readFile(path.join(folder, 'coverage-final.json'), 'utf8')) as CoverageMapData);
  const byHand = Object.fromEntries(map.files().map((file) => {
    const { lines, statements, branches, functions } = map.fileCoverageFor(file).toSummary().data;
    return [path.relative(project.root, file), [lines, statements, branches, functions].map(({ total, covered }) => `${String(covered)}/${String(total)}`)];
  }));
  const ours = Object.fromEntries(Object.entries(outcome.coverage ?? {}).map(([file, { lines, statements, branches, functions }]) => [file, [lines, statements, branches, functions].map(({ total, covered }) => `${String(covered)}/${String(total)}`)]));
  expect(ours).toEqual(byHand);
  expect(Object.keys(ours).sort()).toEqual(['src/prices.ts', 'src/shipping.ts', 'src/untested.ts']);
});

it('runs the tests and fails them even where coverage cannot be measured', async () => {
  await using project = await makeProject({ ...SHOP, 'src/prices.test.ts': "import { expect, test } from 'vitest';\nimport './prices.ts';\ntest('wrong', () => { expect(1).toBe(2); });\n", 'vitest.config.ts': "export default { test: { coverage: { provider: 'istanbul' } } };\n" }, { packages: VITEST });
  const { outcomes, plan } = await runGate(project, 'test_coverage');
  const outcome = only(outcomes);
  expect(outcome.status).toBe('error');
  if (outcome.status !== 'error') return;
  expect(outcome.failure).toEqual({ reason: 'engine-missing', engine: '@vitest/coverage-istanbul', install: `npm install --save-dev @vitest/coverage-istanbul@${String(plan.checks[0]?.engineVersion)}` });
  expect(outcome.findings?.map(({ rule, file, line }) => ({ rule, file, line }))).toEqual([{ rule: 'test', file: 'src/prices.test.ts', line: 3 }]);
});

it('copes with blanks, brackets and other scripts in paths', async () => {
  await using project = await makeProject({
    'package.json': SHOP['package.json'],
    'src/[id] (größe).ts': 'export const id = () => 1;\n',
    'src/[id] (größe).test.ts': "import { expect, test } from 'vitest';\nimport { id } from './[id] (größe).ts';\ntest('id', () => { expect(id()).toBe(1); });\n",
    'src/-dash.ts': 'export const dash = () => 1;\n',
    'src/other.test.ts': "import { test } from 'vitest';\ntest('other', () => {});\n",
  }, { packages: VITEST, name: 'my projéct [1]' });
  const { outcomes } = await runGate(project, 'test_coverage', { teams: { odd: ['src/?id*.ts', 'src/-dash.ts'] } });
  const outcome = done(only(outcomes));
  expect(outcome.findings).toEqual([]);
  expect(outcome.inspected.tests?.map(({ file, status }) => `${file}: ${status}`)).toEqual(['src/[id] (größe).test.ts: passed']);
  expect(Object.entries(outcome.coverage ?? {}).map(([file, { lines }]) => `${file} ${String(lines.covered)}/${String(lines.total)}`)).toEqual(['src/-dash.ts 0/1', 'src/[id] (größe).ts 1/1']);
});
