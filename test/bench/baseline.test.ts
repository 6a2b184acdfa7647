import path from 'node:path';
import { expect, test } from 'vitest';
import { planBaseline, type Baseline } from '../../bench/suite/tools/index.ts';
import { prepareRun } from '../../src/runner/index.ts';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

interface Tested {
  readonly scripts?: Readonly<Record<string, string>>;
  readonly settings?: object;
  readonly gates?: readonly GateId[];
}

/** What of the tests the baseline runs, and which of their gates are compared. */
async function testsOf({ scripts = { test: 'vitest run', 'test:integration': 'vitest run' }, settings = {}, gates = GATE_IDS }: Tested): Promise<{ steps: string[]; gates: GateId[] }> {
  const files = { 'package.json': JSON.stringify({ scripts, 'spark-gates': { gates: settings } }), 'src/sum.test.ts': "import { test } from 'vitest';\n\ntest('it adds up', () => undefined);\n" };
  await using project = await makeProject(files, { packages: { vitest: 'vitest' }, git: true });
  const prepared = await prepareRun({ cwd: project.root, config: null, preset: null, teams: null, paths: [], gates: null, environment: systemTestEnvironment() });
  if (!prepared.ok) throw new Error(prepared.problem);
  const toolbox = { folder: project.root, missing: new Map([['secretlint', 'not here']]) };
  const baseline: Baseline = await planBaseline(prepared.prepared, { toolbox, folder: path.join(path.dirname(project.root), 'reports'), gates });
  return { steps: baseline.steps.filter(({ kind }) => kind === 'tests').map(({ title }) => title), gates: baseline.gates.filter((gate) => gate.endsWith('_test') || gate.endsWith('_coverage')) };
}

test('the baseline runs the suites that are planned, and none that a setting or an option leaves out', async () => {
  const [unit, integration] = ['vitest --coverage', 'vitest (integration)'];
  expect(await testsOf({})).toEqual({ steps: [unit, integration], gates: ['test_coverage', 'integration_test'] });
  expect(await testsOf({ settings: { test_coverage: { level: 'off' } } })).toEqual({ steps: [integration], gates: ['integration_test'] });
  expect(await testsOf({ settings: { integration_test: { level: 'off' } } })).toEqual({ steps: [unit], gates: ['test_coverage', 'integration_test'] });
  expect(await testsOf({ gates: ['test_coverage'] })).toEqual({ steps: [unit], gates: ['test_coverage'] });
});

test('a suite whose call says which tests to run is compared by nobody', async () => {
  expect(await testsOf({ settings: { test_coverage: { args: ['--project', 'unit'] } } })).toMatchObject({ gates: ['integration_test'] });
  expect(await testsOf({ settings: { test_coverage: { command: 'true' } } })).toMatchObject({ gates: ['integration_test'] });
  expect(await testsOf({ scripts: { test: 'vitest run src/sum' } })).toEqual({ steps: [], gates: [] });
  expect(await testsOf({ scripts: { test: 'vitest run --passWithNoTests' } })).toEqual({ steps: ['vitest --coverage'], gates: ['test_coverage', 'integration_test'] });
});
