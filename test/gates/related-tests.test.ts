import { expect, test } from 'vitest';
import type { SuiteRun } from '../../gates/engines/test-runner/suite-run.ts';
import { GATES } from '../../gates/index.ts';
import { configSchema } from '../../src/model/config.ts';
import { resolveSettings } from '../../src/model/preset.ts';
import { buildPlan } from '../../src/runner/plan.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { buildImportGraph } from '../../src/workspace/import-graph.ts';
import { resolveTeams } from '../../src/workspace/teams.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';

/** The test files that a run for one team's files is narrowed to; null where it is not. */
async function relatedTests(project: Project, team: string): Promise<readonly string[] | null> {
  const workspace = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
  const resolved = resolveTeams({ workspace, commandLine: { team: [team] }, config: null, paths: [], cwd: project.root });
  if (!resolved.ok) throw new Error(resolved.problem);
  const plan = await buildPlan({ workspace, teams: resolved.teams, settings: resolveSettings(configSchema.parse({})), gates: ['test_coverage'], registry: GATES, graph: () => buildImportGraph(workspace) });
  const run = plan.checks[0]?.parts[0]?.params as SuiteRun | undefined;
  return run?.related?.filter((file) => file.startsWith('tests/')) ?? null;
}

const FILES = {
  'package.json': '{"scripts":{"test":"vitest run"}}',
  'vitest.config.js': "import path from 'node:path';\nexport default { resolve: { alias: { '@': path.resolve('src') } } };",
  'src/one.js': 'export const one = 1;', 'src/other.js': '', 'src/plugins.js': 'export const load = (name) => import(name);',
  'tests/alias.test.js': "import '@/one';", 'tests/direct.test.js': "import '../src/one.js';", 'tests/glob.test.js': "import.meta.glob('../src/o*.js');",
  'tests/plugins.test.js': "import '../src/plugins.js';", 'tests/program.test.js': "import 'node:child_process';", 'tests/unknown.test.js': "import '~/one';", 'tests/none.test.js': "import 'node:fs';",
};

test('tests are related through aliases and globs, and where nobody can tell what they load', async () => {
  await using project = await makeProject(FILES, { git: true });
  const anyway = ['tests/plugins.test.js', 'tests/program.test.js', 'tests/unknown.test.js'];
  expect(await relatedTests(project, 'src/one.js')).toEqual(['tests/alias.test.js', 'tests/direct.test.js', 'tests/glob.test.js', ...anyway]);
  expect(await relatedTests(project, 'src/other.js')).toEqual(['tests/glob.test.js', ...anyway]);
});

test('tests of a file that was removed are related, and of a removed configuration all', async () => {
  await using project = await makeProject(FILES, { git: true });
  await project.remove('src/one.js');
  expect(await relatedTests(project, 'src/o*.js')).toEqual(expect.arrayContaining(['tests/alias.test.js', 'tests/direct.test.js', 'tests/glob.test.js']));
  await project.remove('vitest.config.js');
  expect(await relatedTests(project, '*.config.js')).toBe(null);
});
