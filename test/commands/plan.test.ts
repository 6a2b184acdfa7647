import path from 'node:path';
import { expect, test } from 'vitest';
import { makeProject } from '../rig/project.ts';
import { runLine } from './run-program.ts';

interface PlanDocument {
  readonly workspace: { readonly root: string };
  readonly teams: Readonly<Record<string, { readonly files: number }>>;
  readonly counts: { readonly checks: number; readonly cells: number };
  readonly checks: readonly { readonly id: string; readonly gates: readonly string[]; readonly teams: readonly string[] }[];
  readonly cells: readonly { readonly team: string; readonly gate: string; readonly checks: readonly string[]; readonly notes: readonly { readonly reason: string }[] }[];
  readonly notes: readonly string[];
}

const FILES = {
  'package.json': '{ "name": "shop", "private": true }\n',
  'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "types": [] }, "include": ["src"] }\n',
  'src/api/price.ts': 'export const price = 1;\n',
  'src/web/page.ts': 'export const page = 1;\n',
};
const TEAMS = ['--team', 'api=src/api/**', '--team', 'web=src/web/**'];

async function planOf(cwd: string, ...args: string[]): Promise<PlanDocument> {
  const { exitCode, stdout, stderr } = await runLine(cwd, 'plan', '--json', ...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return JSON.parse(stdout) as PlanDocument;
}

test('one check of types serves every team, and the text says why there are so few', async () => {
  await using project = await makeProject(FILES, { packages: { typescript: 'typescript' }, git: true });
  const plan = await planOf(project.root, '--gate', 'syntax_validation', 'type_verification', ...TEAMS);
  expect(plan.counts).toEqual({ checks: 2, cells: 4 });
  expect(plan.checks.map(({ gates, teams }) => ({ gates, teams }))).toEqual([
    { gates: ['syntax_validation'], teams: ['api', 'web'] },
    { gates: ['type_verification'], teams: ['api', 'web'] },
  ]);
  const { stdout } = await runLine(project.root, 'plan', '--gate', 'syntax_validation', 'type_verification', ...TEAMS);
  expect(stdout.endsWith(`
2 checks for 4 cells, because one program, one test run, one lint of a file serves every team
  syntax_validation: 1 check for 2 teams
  type_verification: 1 check for 2 teams
`)).toBe(true);
});

test('every cell without a check has a reason', async () => {
  await using project = await makeProject(FILES, { packages: { typescript: 'typescript' }, git: true });
  const { cells } = await planOf(project.root, ...TEAMS);
  expect(cells).toHaveLength(16);
  expect(cells.filter((cell) => cell.checks.length === 0 && cell.notes.length === 0)).toEqual([]);
});

test('one folder outside is the repository to check; a path inside narrows', async () => {
  await using here = await makeProject({ 'package.json': '{}' }, { git: true });
  await using other = await makeProject(FILES, { packages: { typescript: 'typescript' }, git: true, name: 'other shop' });
  const outside = path.relative(here.root, other.root);
  const whole = await planOf(here.root, outside, '--gate', 'syntax_validation');
  expect(whole).toMatchObject({
    workspace: { root: other.root },
    teams: { workspace: { files: 5 } },
    notes: [`checking the repository ${other.root}, because ${outside} is outside ${here.root}`],
  });
  expect((await planOf(here.root, path.join(outside, 'src', 'web'), '--gate', 'syntax_validation')).teams).toEqual({ workspace: { files: 1 } });
  expect((await planOf(other.root, 'src/api', '--gate', 'syntax_validation')).teams).toEqual({ workspace: { files: 1 } });
});

test('a path outside together with others is refused', async () => {
  await using here = await makeProject({ 'package.json': '{}' }, { git: true });
  await using other = await makeProject(FILES, { git: true });
  const { exitCode, stdout, stderr } = await runLine(here.root, 'plan', 'package.json', other.root);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
  expect(stderr).toContain(other.root);
});
