import { rename, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { findCycles } from '../../gates/integration-test/cycles.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import { runGate, type GateRun } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';

/** Outcomes by the first word of the check's name. */
function byName({ outcomes }: GateRun): Record<string, CheckOutcome> {
  return Object.fromEntries(outcomes.map(({ check, outcome }) => [check.name.split(':')[0] ?? '', outcome]));
}

function findings(outcome: CheckOutcome | undefined): string[] {
  if (outcome?.status !== 'done') throw new Error(`expected the check to be done: ${JSON.stringify(outcome)}`);
  return outcome.findings.map(({ rule, file, line, message }) => `${rule} ${String(file)}:${String(line)} ${message}`);
}

const MANIFEST = { 'package.json': '{\n  "name": "depot",\n  "type": "module"\n}\n' };

it('passes sound imports, and says that there is no suite', async () => {
  await using project = await makeProject({ ...MANIFEST, 'src/crate.ts': 'export const crate = 1;\n', 'src/depot.ts': "export { crate } from './crate.ts';\n" });
  const run = await runGate(project, 'integration_test');
  expect(byName(run)).toEqual({
    imports: { status: 'done', findings: [], inspected: { files: ['src/crate.ts', 'src/depot.ts'] } },
    installed: { status: 'done', findings: [], inspected: { files: ['package.json'], packages: 0 } },
  });
  expect(run.plan.cells[0]?.notes).toEqual([{ status: 'skipped', reason: 'the project has no integration suite' }]);
});

it('reports imports that lead nowhere, at their place', async () => {
  await using project = await makeProject({ ...MANIFEST, 'src/depot.ts': "import { crate } from './crate.ts';\n\nexport const load = () => import('./nowhere.ts');\nexport { crate };\n" });
  const run = await runGate(project, 'integration_test');
  expect(findings(byName(run)['imports'])).toEqual([
    'unresolved-import src/depot.ts:1 "./crate.ts" leads nowhere',
    'unresolved-import src/depot.ts:3 "./nowhere.ts" leads nowhere',
  ]);
});

const CYCLE = {
  ...MANIFEST,
  'api/order.ts': "import { stock } from '../store/stock.ts';\nexport const order = () => stock();\n",
  'store/stock.ts': "import { log } from '../shared/log.ts';\nexport const stock = () => log();\n",
  'shared/log.ts': "import { order } from '../api/order.ts';\nexport const log = () => order;\n",
  'api/a.ts': "import { b } from './b.ts';\nexport const a = () => b;\n",
  'api/b.ts': "import { a } from './a.ts';\nexport const b = () => a;\n",
};

it('reports cycles across team borders, or all where asked', async () => {
  await using project = await makeProject(CYCLE);
  const teams = { api: ['api/**'], store: ['store/**'] };
  const across = 'import-cycle api/order.ts:null import cycle between teams api and store: api/order.ts → store/stock.ts → shared/log.ts → api/order.ts';
  expect(findings(byName(await runGate(project, 'integration_test', { teams }))['imports'])).toEqual([across]);
  expect(findings(byName(await runGate(project, 'integration_test'))['imports'])).toEqual([]);
  expect(findings(byName(await runGate(project, 'integration_test', { teams, config: { gates: { integration_test: { cycles: 'all' } } } }))['imports'])).toEqual([
    'import-cycle api/a.ts:null import cycle: api/a.ts → api/b.ts → api/a.ts',
    across,
  ]);
});

it('finds one cycle in a very long chain, and each part once', () => {
  const chain = Array.from({ length: 50_000 }, (_, index) => [`f${String(index)}`, `f${String((index + 1) % 50_000)}`] as const);
  const [cycle, ...others] = findCycles(chain.slice(0, -1), null);
  expect([cycle, others]).toEqual([undefined, []]);
  expect(findCycles([...chain.slice(0, 99), ['f99', 'f0'], ['f5', 'f0'], ['alone', 'alone']], null)).toEqual([
    { files: ['alone'], path: ['alone'] },
    { files: Array.from({ length: 100 }, (_, index) => `f${String(index)}`).sort(), path: ['f0', 'f1', 'f2', 'f3', 'f4', 'f5'] },
  ]);
});

it('compares what is installed with what is declared', async () => {
  const installed = (version: string) => JSON.stringify({ version });
  await using project = await makeProject({
    'package.json': `{
  "name": "depot",
  "dependencies": {
    "crane": "^2.0.0",
    "forklift": "^1.0.0",
    "pallet": "npm:@wood/pallet@^3.0.0",
    "ramp": "workspace:*",
    "gone": "1.0.0"
  },
  "optionalDependencies": { "drone": "^1.0.0" },
  "devDependencies": { "scanner": "latest" }
}
`,
    'node_modules/crane/package.json': installed('1.9.0'),
    'node_modules/forklift/package.json': installed('1.4.0'),
    'node_modules/pallet/package.json': installed('3.1.0'),
    'node_modules/ramp/package.json': installed('0.0.0'),
    'node_modules/scanner/package.json': installed('7.0.0'),
  });
  expect(findings(byName(await runGate(project, 'integration_test'))['installed'])).toEqual([
    'wrong-version package.json:4 crane is declared as ^2.0.0, but 1.9.0 is installed',
    'not-installed package.json:8 gone is declared as 1.0.0, but not installed',
  ]);
});

it('asks npm about the packages below, where npm installed them', async () => {
  await using project = await makeProject({
    'package.json': '{ "name": "depot", "version": "1.0.0", "dependencies": { "crane": "^2.0.0" } }\n',
    'package-lock.json': JSON.stringify({ name: 'depot', version: '1.0.0', lockfileVersion: 3, packages: {} }),
    'node_modules/.package-lock.json': JSON.stringify({ name: 'depot', version: '1.0.0', lockfileVersion: 3, packages: {} }),
    'node_modules/crane/package.json': JSON.stringify({ name: 'crane', version: '2.0.0', dependencies: { hook: '^1.0.0', chain: '^2.0.0' } }),
    'node_modules/chain/package.json': JSON.stringify({ name: 'chain', version: '1.0.0' }),
    'node_modules/unused/package.json': JSON.stringify({ name: 'unused', version: '1.0.0' }),
  });
  expect(findings(byName(await runGate(project, 'integration_test'))['installed'])).toEqual([
    'not-installed package.json:null hook ^1.0.0 is required by crane@2.0.0, but not installed',
    'wrong-version package.json:null chain 1.0.0 is installed, which does not satisfy everyone who needs it: run npm ls chain',
  ]);

  // A second worktree that borrows the packages: only what it declares itself is compared.
  await rename(path.join(project.root, 'node_modules'), path.join(project.root, '..', 'borrowed'));
  await symlink(path.join(project.root, '..', 'borrowed'), path.join(project.root, 'node_modules'), 'dir');
  expect(findings(byName(await runGate(project, 'integration_test'))['installed'])).toEqual([]);
});

it('runs the integration suite, whole, without coverage', async () => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ name: 'depot', scripts: { test: 'node --test', 'test:integration': 'node --test flows/' } }),
    'src/crate.js': 'exports.crate = 1;\n',
    'flows/load.test.js': "const { test } = require('node:test');\nconst assert = require('node:assert');\ntest('loads', () => { assert.strictEqual(1, 2); });\n",
  });
  const { tests: suite } = byName(await runGate(project, 'integration_test', { teams: { crates: ['src/**'] } }));
  expect(findings(suite)).toEqual(['test flows/load.test.js:3 loads: AssertionError: Expected values to be strictly equal:\n\n1 !== 2']);
  expect(suite?.status === 'done' && suite.coverage).toEqual({});
});
