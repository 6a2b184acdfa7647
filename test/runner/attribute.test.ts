import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import type { GateId } from '../../src/model/gate.ts';
import { makeAttribute } from '../../src/runner/attribute.ts';
import { buildImportGraph } from '../../src/workspace/import-graph.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { resolveTeams } from '../../src/workspace/teams.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { graphOf } from '../rig/graph.ts';
import { makeProject } from '../rig/project.ts';

const TEAMS = [
  { name: 'api', files: ['api/user.ts', 'api/user.test.ts'] },
  { name: 'web', files: ['web/page.ts', 'web/page.test.ts'] },
];
const GRAPH = graphOf({
  'api/user.test.ts': ['api/user.ts'],
  'web/page.ts': ['api/user.ts', 'shared/format.ts'],
  'web/page.test.ts': ['web/page.ts'],
  'e2e/checkout.test.ts': ['web/page.ts'],
  'e2e/user.test.ts': ['api/user.ts'],
});

function findingIn(file: string | null, gate: GateId = 'type_verification', extra: Partial<Finding> = {}): Finding {
  return { gate, rule: 'TS2322', message: 'no', file, line: 1, column: 1, severity: 'error', ...extra };
}

function teamOf(finding: Finding, changed: readonly string[] | null, concerned: readonly string[] = ['api', 'web']): string {
  return makeAttribute({ teams: TEAMS, changed, graph: () => GRAPH })(finding, concerned).team;
}

test('a finding belongs to the owner of its file', () => {
  expect(teamOf(findingIn('api/user.ts'), [])).toBe('api');
  expect(teamOf(findingIn('web/page.ts'), null)).toBe('web');
  expect(teamOf(findingIn('web/page.ts', 'lint_enforcement'), ['api/user.ts'])).toBe('web');
});

test('what is wrong with a project as a whole is told wherever a run looks at it', () => {
  const teams = [{ name: 'workspace', files: ['web/page.ts'], outside: ['tsconfig.json', 'api/user.ts'] }];
  const attribute = makeAttribute({ teams, changed: ['web/page.ts'], graph: () => GRAPH });
  expect(attribute(findingIn('tsconfig.json'), ['workspace']).outside).toBe(false);
  expect(attribute(findingIn('tsconfig.json', 'lint_enforcement'), ['workspace']).outside).toBe(true);
  expect(attribute(findingIn('api/user.ts'), ['workspace']).outside).toBe(true);
});

test('in a file that nobody owns, it belongs to the team whose change it reaches', () => {
  expect(teamOf(findingIn('e2e/checkout.test.ts', 'test_coverage'), ['web/page.ts'])).toBe('web');
  expect(teamOf(findingIn('e2e/checkout.test.ts', 'test_coverage'), ['api/user.ts'])).toBe('api');
});

test('in a file that nobody owns, and nothing changed, it belongs to the one team whose code it reaches', () => {
  expect(teamOf(findingIn('e2e/user.test.ts', 'test_coverage'), [])).toBe('api');
  expect(teamOf(findingIn('e2e/checkout.test.ts', 'test_coverage'), [])).toBe('workspace');
});

test("a problem that another team's change causes is that team's, and both are told", () => {
  const finding = findingIn('web/page.ts');
  const attribute = makeAttribute({ teams: TEAMS, changed: ['api/user.ts'], graph: () => GRAPH });
  expect(attribute(finding, ['api', 'web'])).toEqual({ team: 'api', outside: false, blockers: [{ causedBy: 'api', shownIn: 'web', finding }] });
});

test('a team that changed its file, too, keeps the finding, and the other is told', () => {
  const finding = findingIn('web/page.ts');
  const attribute = makeAttribute({ teams: TEAMS, changed: ['web/page.ts', 'api/user.ts'], graph: () => GRAPH });
  expect(attribute(finding, ['api', 'web'])).toEqual({ team: 'web', outside: false, blockers: [{ causedBy: 'api', shownIn: 'web', finding }] });
});

test('a team that changed anything in the closure itself keeps the finding', () => {
  expect(teamOf(findingIn('web/page.ts'), ['web/page.ts', 'api/user.ts'])).toBe('web');
  expect(teamOf(findingIn('web/page.test.ts', 'test_coverage'), ['web/page.ts', 'api/user.ts'])).toBe('web');
});

test('a file that is gone is a change of the team that owned it, in whoever imports it still', async () => {
  const files = {
    'package.json': '{"name":"shop","exports":{"./*":"./api/*.ts"}}', 'tsconfig.json': '{"compilerOptions":{"paths":{"@api/*":["./api/*"]}}}',
    'api/user.ts': '', 'api/list/index.ts': '', 'api/keep.ts': '', 'web/page.ts': "import '../api/user.js';", 'web/list.ts': "import '@api/list';", 'web/self.ts': "import 'shop/user';", 'web/other.ts': "import '../api/keep.ts';",
  };
  await using project = await makeProject(files, { git: true });
  await project.git('mv', 'api/user.ts', 'api/renamed.ts');
  await project.git('rm', '--quiet', 'api/list/index.ts');
  const workspace = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
  const resolved = resolveTeams({ workspace, commandLine: { api: ['api'], web: ['web'] }, config: null, paths: [], cwd: project.root });
  if (!resolved.ok) throw new Error(resolved.problem);
  const attribute = makeAttribute({ teams: resolved.teams, changed: [...workspace.changed ?? [], ...workspace.removed], graph: () => buildImportGraph(workspace) });
  for (const file of ['web/page.ts', 'web/list.ts', 'web/self.ts']) {
    const finding = findingIn(file);
    expect(attribute(finding, ['api', 'web'])).toEqual({ team: 'api', outside: false, blockers: [{ causedBy: 'api', shownIn: 'web', finding }] });
  }
  expect(attribute(findingIn('web/other.ts'), ['api', 'web']).team).toBe('web');
  expect(buildImportGraph(workspace).unresolved.map(({ file }) => file)).toEqual(['web/list.ts', 'web/page.ts']);
});

test('in a run restricted to paths, what may load anything may be caused from inside', () => {
  const teams = [{ name: 'workspace', files: ['api/user.ts'], outside: ['web/page.ts', 'web/page.test.ts', 'e2e/cli.test.ts', 'web/other.test.ts'] }];
  const graph = { ...graphOf({ 'web/page.test.ts': ['web/page.ts'] }), open: new Set(['web/page.ts']), starters: new Set(['e2e/cli.test.ts']) };
  const attribute = makeAttribute({ teams, changed: [], graph: () => graph });
  const outside = (file: string, gate: GateId): boolean => attribute(findingIn(file, gate), ['workspace']).outside;
  expect(['web/page.test.ts', 'e2e/cli.test.ts', 'web/other.test.ts'].map((file) => outside(file, 'test_coverage'))).toEqual([false, false, true]);
  expect(outside('web/page.test.ts', 'lint_enforcement')).toBe(true);
});

test("where the cause can't be told it goes to the workspace", () => {
  expect(teamOf(findingIn('e2e/checkout.test.ts', 'test_coverage'), ['web/page.ts', 'api/user.ts'])).toBe('workspace');
  expect(teamOf(findingIn('web/page.ts'), ['shared/format.ts'])).toBe('workspace');
  expect(teamOf(findingIn('package-lock.json', 'security_analysis'), ['api/user.ts'])).toBe('workspace');
  expect(teamOf(findingIn(null), [])).toBe('workspace');
});

test('a finding about no file belongs to the only team its check concerns', () => {
  expect(teamOf(findingIn(null), [], ['web'])).toBe('web');
});

test('a file that does not parse is its owner\'s problem whoever stumbles over it', () => {
  expect(teamOf(findingIn('api/user.ts', 'test_coverage', { kind: 'parse' }), ['web/page.ts'])).toBe('api');
});

test('without teams everything is the workspace\'s', () => {
  const attribute = makeAttribute({ teams: [{ name: 'workspace', files: ['a.ts'] }], changed: ['a.ts'], graph: () => GRAPH });
  expect(attribute(findingIn('b.ts'), ['workspace'])).toEqual({ team: 'workspace', outside: false, blockers: [] });
});

test('in a run restricted to paths, owners stay owners, and what lies elsewhere counts only where a change inside causes it', () => {
  const teams = [{ name: 'api', files: ['api/user.ts'], outside: ['api/user.test.ts'] }, { name: 'web', files: [], outside: ['web/page.ts', 'web/page.test.ts'] }];
  const tell = (changed: readonly string[], finding: Finding): string => {
    const { team, outside } = makeAttribute({ teams, changed, graph: () => GRAPH })(finding, ['api']);
    return outside ? `outside, ${team}'s` : team;
  };
  expect(tell([], findingIn('web/page.ts'))).toBe("outside, web's");
  expect(tell(['api/user.ts'], findingIn('web/page.ts'))).toBe('api');
  expect(tell(['api/user.ts'], findingIn('web/page.ts', 'lint_enforcement'))).toBe("outside, web's");
  expect(tell(['api/user.test.ts'], findingIn('api/user.test.ts', 'test_coverage'))).toBe("outside, api's");
  expect(tell([], findingIn('e2e/user.test.ts', 'test_coverage'))).toBe('api');
  expect(tell(['web/page.ts'], findingIn('api/user.ts'))).toBe('api');
});

test('without teams, a finding elsewhere counts where it reaches what lies inside, changed or not', () => {
  const attribute = makeAttribute({ teams: [{ name: 'workspace', files: ['api/user.ts'], outside: ['web/page.ts', 'shared/format.ts'] }], changed: [], graph: () => GRAPH });
  expect(attribute(findingIn('web/page.ts', 'test_coverage'), ['workspace']).outside).toBe(false);
  expect(attribute(findingIn('shared/format.ts'), ['workspace']).outside).toBe(true);
  expect(attribute(findingIn('web/page.ts', 'lint_enforcement'), ['workspace']).outside).toBe(true);
});
