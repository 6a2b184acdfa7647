import fc from 'fast-check';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { resolveTeams, type ResolveTeamsOptions, type TeamsResult } from '../../src/workspace/teams.ts';
import { makeProject } from '../rig/project.ts';

const FILES = ['-dash.ts', 'app/[id]/page.ts', 'docs/guide.md', 'src/a b.ts', 'src/api/.env.ts', 'src/api/index.ts', 'src/api/ü.ts', 'src/web/index.tsx', 'src/web/view.tsx'];

async function resolve(options: Partial<ResolveTeamsOptions>, files: Readonly<Record<string, string>> = {}): Promise<TeamsResult> {
  await using project = await makeProject({ ...Object.fromEntries(FILES.map((file) => [file, ''])), ...files });
  const result = resolveTeams({ workspace: { root: project.root, mainRoot: project.root, files: FILES, removed: [] }, commandLine: null, config: null, paths: [], cwd: project.root, ...options });
  // The root is a new folder each time.
  return result.ok ? result : { ok: false, problem: result.problem.replaceAll(project.root, '<root>') };
}

function owned(result: TeamsResult): Record<string, readonly string[]> {
  if (!result.ok) throw new Error(result.problem);
  return Object.fromEntries(result.teams.map(({ name, files }) => [name, files]));
}

const problem = (result: TeamsResult): string | null => (result.ok ? null : result.problem);

describe('globs', () => {
  test('dot files, braces, negation, plain folders and files, and names that look like globs', async () => {
    expect(owned(await resolve({ commandLine: { api: ['src/api/**'], web: ['./src/web/', '!**/view.tsx'], misc: ['app/[id]', '-dash.ts', 'src/{a b,c}.ts', 'docs/*.md'] } }))).toEqual({
      api: ['src/api/.env.ts', 'src/api/index.ts', 'src/api/ü.ts'],
      web: ['src/web/index.tsx'],
      misc: ['-dash.ts', 'app/[id]/page.ts', 'docs/guide.md', 'src/a b.ts'],
    });
    expect(owned(await resolve({ config: { rest: ['!src/**'] } }))).toEqual({ rest: ['-dash.ts', 'app/[id]/page.ts', 'docs/guide.md'] });
    expect(owned(await resolve({ config: { all: ['.'] } }))).toEqual({ all: FILES });
  });

  test('a name may hold a line break', async () => {
    const files = ['src/a\nb.ts', 'src/c.ts', 'web/d\r\ne/f.ts'];
    await using project = await makeProject({ CODEOWNERS: 'src/** @src\nweb/**/*.ts @web\n' });
    const workspace = { root: project.root, mainRoot: project.root, files, removed: [] };
    const expected = [['src/a\nb.ts', 'src/c.ts'], ['web/d\r\ne/f.ts']];
    for (const config of [{ src: ['src/**'], web: ['**/*/f.ts'] }, null]) {
      expect(Object.values(owned(resolveTeams({ workspace, commandLine: null, config, paths: [], cwd: project.root })))).toEqual(expected);
    }
  });

  test('files that are gone were owned by the same globs; one that two teams could have owned was no team\'s', async () => {
    await using project = await makeProject({ CODEOWNERS: 'src/** @src\nweb/** @web\n' });
    const workspace = { root: project.root, mainRoot: project.root, files: ['src/a.ts', 'web/b.ts'], removed: ['lib/x.ts', 'src/old/c.ts', 'web/d.ts'] };
    const gone = (config: Record<string, string[]> | null): unknown => {
      const result = resolveTeams({ workspace, commandLine: null, config, paths: [], cwd: project.root });
      return result.ok ? Object.fromEntries(result.teams.map(({ name, removed }) => [name, removed])) : result.problem;
    };
    expect(gone({ src: ['src'], web: ['web/**', '!**/d.ts'], lib: ['lib/x.ts'] })).toEqual({ src: ['src/old/c.ts'], web: [], lib: ['lib/x.ts'] });
    expect(gone({ src: ['src', 'web/d.*'], web: ['web'] })).toEqual({ src: ['src/old/c.ts'], web: [] });
    expect(gone(null)).toEqual({ '@src': ['src/old/c.ts'], '@web': ['web/d.ts'] });
  });

  test.each([
    [{ api: ['src/api/**', 'src/apo/**'] }, 'team "api": "src/apo/**" matches no file of <root>; correct the glob'],
    [{ api: ['../other/**'] }, 'team "api": "../other/**" is outside the root <root>; globs are relative to the root'],
    [{ api: ['/etc/**'] }, 'team "api": "/etc/**" is outside the root <root>; globs are relative to the root'],
    [{ api: ['src/**'], web: ['src/web/**'] }, 'teams "api" and "web" both own src/web/index.tsx and 1 more file; a file has one owner, so narrow the globs of one of them'],
    [{ api: ['docs'], web: ['docs/guide.md'] }, 'teams "api" and "web" both own docs/guide.md; a file has one owner, so narrow the globs of one of them'],
    [{ ['__proto__']: ['src/**'] }, '"__proto__" cannot be the name of a team (command line); choose another'],
    [{ workspace: ['src/**'] }, 'the team name "workspace" is reserved for what no team owns (command line); choose another'],
    [Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`team${String(index)}`, ['src/**']])), '65 teams are more than the 64 of a run (command line); give fewer'],
  ])('%j is refused', async (commandLine, sentence) => {
    expect(problem(await resolve({ commandLine }))).toBe(sentence);
  });

  test('whatever the globs, a file has one owner or the overlap is refused', async () => {
    await using project = await makeProject({});
    const segment = fc.constantFrom('src', 'src/**', '**', 'src/api/*', '**/*.tsx', '!src/web/**', '*.ts', 'src/{api,web}/index.*', 'docs', '!**/*.md', 'app/[id]');
    const globs = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.uniqueArray(segment, { minLength: 1, maxLength: 4 }), { minKeys: 1 });
    fc.assert(fc.property(globs, (config) => {
      const result = resolveTeams({ workspace: { root: project.root, mainRoot: project.root, files: FILES, removed: [] }, commandLine: null, config, paths: [], cwd: project.root });
      if (!result.ok) return / both own | matches no file /.test(result.problem);
      const all = result.teams.flatMap(({ files }) => files);
      return new Set(all).size === all.length && all.every((file) => FILES.includes(file)) && result.teams.every(({ files }) => [...files].sort().join('\0') === files.join('\0'));
    }), { numRuns: 300 });
  });
});

describe('paths', () => {
  test('restrict every team; one left without files stays', async () => {
    const commandLine = { api: ['src/api'], web: ['src/web'] };
    expect(owned(await resolve({ commandLine, paths: ['src/web/view.tsx', 'docs'] }))).toEqual({ api: [], web: ['src/web/view.tsx'] });
  });

  test('without teams are what the workspace team owns, relative to where one stands', async () => {
    await using project = await makeProject(Object.fromEntries(FILES.map((file) => [file, ''])));
    const workspace = { root: project.root, mainRoot: project.root, files: FILES, removed: [] };
    const at = (cwd: string, ...paths: string[]): TeamsResult => resolveTeams({ workspace, commandLine: null, config: null, paths, cwd: path.join(project.root, cwd) });
    expect(owned(at('src/web', '../api/ü.ts', path.join(project.root, 'docs')))).toEqual({ workspace: ['docs/guide.md', 'src/api/ü.ts'] });
    expect(owned(at('src', '..'))).toEqual({ workspace: FILES });
    expect(problem(at('src', '../..'))).toBe(`../.. is outside the root ${project.root}; give paths inside it, or another --cwd`);
    expect(problem(at('src', 'nope.ts'))).toBe(`nope.ts does not exist in ${path.join(project.root, 'src')}`);
    await project.write({ 'dist/x.js': '' });
    expect(problem(at('', 'dist'))).toBe('dist holds no file to check: everything in it is ignored by git or excluded by the configuration');
  });
});

describe('sources', () => {
  const relay = (team: string, status: string, files: readonly string[]): string => JSON.stringify({ team_id: team, task_id: 'T', status, assigned_files: files });

  test('the command line wins over the configuration, that over the relay, that over CODEOWNERS', async () => {
    const files = { '.claude/workflows/team1_current_task.json': relay('team1', 'in_progress', ['src/api/index.ts']), 'CODEOWNERS': 'docs/ @docs\n' };
    const sources = await Promise.all([{ commandLine: { c: ['docs'] }, config: { f: ['src'] } }, { config: { f: ['src'] } }, {}].map((options) => resolve(options, files)));
    expect(sources.map((result) => [result.ok && result.source, owned(result)])).toEqual([
      ['command line', { c: ['docs/guide.md'] }],
      ['config', { f: FILES.filter((file) => file.startsWith('src/')) }],
      ['relay', { team1: ['src/api/index.ts'] }],
    ]);
    const owners = await resolve({}, { CODEOWNERS: 'docs/ @docs\n' });
    expect([owners.ok && owners.source, owned(owners)]).toEqual(['CODEOWNERS', { '@docs': ['docs/guide.md'] }]);
    const none = await resolve({});
    expect([none.ok && none.source, owned(none)]).toEqual(['none', { workspace: FILES }]);
  });

  test('the relay: finished teams, files to come, nothing assigned', async () => {
    const result = await resolve({}, {
      '.claude/workflows/team1_current_task.json': relay('team1', 'in_progress', ['src/api/index.ts', 'src/api/new.ts']),
      '.claude/workflows/team2_current_task.json': relay('team2', 'completed', ['src/web']),
      '.claude/workflows/team3_current_task.json': relay('team3', 'failed', ['src/web']),
      '.claude/workflows/team4_current_task.json': relay('team4', 'assigned', []),
      '.claude/workflows/multi_task_coordination.json': '{}',
    });
    expect(owned(result)).toEqual({ team1: ['src/api/index.ts'], team4: [] });
    expect(result.ok && result.notes).toEqual([
      '.claude/workflows/team4_current_task.json: team "team4" is at work and no file is assigned to it, so nothing is judged for it',
      'team "team1": 1 of its assigned files not there yet: src/api/new.ts',
    ]);
  });

  test('a relay in another folder, and teams that crashed', async () => {
    expect(owned(await resolve({ relay: 'state/relay' }, { 'state/relay/team1_current_task.json': relay('team1', 'assigned', ['docs']), 'state/relay/team2_current_task.json': relay('team2', 'crashed', ['src']) }))).toEqual({ team1: ['docs/guide.md'] });
  });

  test.each([
    ['garbage', /^it is not valid JSON \(.*\)$/],
    ['', /^it is not valid JSON \(.*\)$/],
    ['{"team_id":"team5","status":"assigned","assigned_files":"src"}', /^assigned_files: Invalid input: expected array, received string$/],
  ])('the relay: a context that cannot be read frees nobody (%s)', async (text, why) => {
    const files = { '.claude/workflows/team1_current_task.json': relay('team1', 'in_progress', ['src/api']), '.claude/workflows/team5_current_task.json': text };
    const found = /^\.claude\/workflows\/team5_current_task\.json does not say which files its team owns: (.*); restore it, remove it, or name the teams with --team$/.exec(problem(await resolve({}, files)) ?? '');
    expect(found?.[1]).toMatch(why);
    expect(owned(await resolve({ config: { docs: ['docs'] } }, files))).toEqual({ docs: ['docs/guide.md'] });
  });

  test('a relay whose teams are all done does not count', async () => {
    const result = await resolve({}, { '.claude/workflows/team1_current_task.json': relay('team1', 'completed', ['src']) });
    expect([result.ok && result.source, owned(result)]).toEqual(['none', { workspace: FILES }]);
  });
});

describe('CODEOWNERS', () => {
  const owners = async (text: string, place = 'CODEOWNERS'): Promise<Record<string, readonly string[]>> => owned(await resolve({}, { [place]: text }));

  test('the last match wins, the first owner is the team, no owner takes files away', async () => {
    expect(await owners('# all\n*  @org/all @second # comment\n/src/ a@example.org\n*.tsx @web\nsrc/web/view.tsx\n')).toEqual({
      '@org/all': ['-dash.ts', 'app/[id]/page.ts', 'docs/guide.md'],
      '@web': ['src/web/index.tsx'],
      'a@example.org': ['src/a b.ts', 'src/api/.env.ts', 'src/api/index.ts', 'src/api/ü.ts'],
    });
  });

  test('folders at any depth, one level only, escaped blanks, brackets', async () => {
    expect(await owners('api/ @api\nsrc/* @flat\nsrc/a\\ b.ts @blank\n/app/[id]/ @brackets\n')).toEqual({
      '@api': ['src/api/.env.ts', 'src/api/index.ts', 'src/api/ü.ts'], '@blank': ['src/a b.ts'], '@brackets': ['app/[id]/page.ts'],
    });
    expect(await owners('/* @top\n**/index.* @entry\n')).toEqual({ '@entry': ['src/api/index.ts', 'src/web/index.tsx'], '@top': ['-dash.ts'] });
  });

  test("GitLab's sections, and negated patterns left out", async () => {
    expect(await owners('[Docs][2] @writers\ndocs/\n^[Web]\nsrc/web/ @web\n!src/api/ @x\n', '.gitlab/CODEOWNERS')).toEqual({ '@web': ['src/web/index.tsx', 'src/web/view.tsx'], '@writers': ['docs/guide.md'] });
  });

  test('an owner whose name would get lost is refused', async () => {
    expect(problem(await resolve({}, { CODEOWNERS: 'docs/ __proto__\n' }))).toBe('"__proto__" cannot be the name of a team (CODEOWNERS); choose another');
  });

  test('.github comes before the root', async () => {
    expect(owned(await resolve({}, { CODEOWNERS: '* @root\n', '.github/CODEOWNERS': '/docs/ @github\n' }))).toEqual({ '@github': ['docs/guide.md'] });
  });

  test('more owners than teams are possible: not used, and said so', async () => {
    const files = Array.from({ length: 65 }, (_, index) => `f${String(index)}.ts`);
    await using project = await makeProject({ CODEOWNERS: files.map((file) => `${file} @${file}`).join('\n') });
    const result = resolveTeams({ workspace: { root: project.root, mainRoot: project.root, files, removed: [] }, commandLine: null, config: null, paths: [], cwd: project.root });
    expect(result).toEqual({ ok: true, teams: [{ name: 'workspace', files, removed: [] }], source: 'none', notes: ['CODEOWNERS names 65 owners, more than the 64 teams of a run; it is not used, name teams in the configuration'] });
  });
});

describe('some teams only', () => {
  const config = { api: ['src/api/**'], web: ['src/web/**'] };

  test('the others stay owners, so that nothing of theirs is laid to somebody else', async () => {
    const result = await resolve({ config, only: ['api'] });
    expect(result).toMatchObject({ ok: true, teams: [{ name: 'api', outside: [] }, { name: 'web', files: [], outside: ['src/web/index.tsx', 'src/web/view.tsx'] }] });
  });

  test('a team that is not there is named with those that are', async () => {
    expect(problem(await resolve({ config, only: ['apo'] }))).toBe('there is no team "apo"; the teams are api, web');
  });
});

test('what the orchestrator assigned goes first; files to come are a note, and a shared one is nobody\'s', async () => {
  const result = await resolve({ config: { docs: ['docs/**'] }, assigned: { team1: ['src/api/**', 'docs/guide.md', 'src/new.ts'], team2: ['src/web/**', 'docs/guide.md'] } });
  expect(owned(result)).toEqual({ team1: ['src/api/.env.ts', 'src/api/index.ts', 'src/api/ü.ts'], team2: ['src/web/index.tsx', 'src/web/view.tsx'] });
  expect(result).toMatchObject({ source: 'relay', notes: ['team "team1": 1 of its assigned files not there yet: src/new.ts', 'docs/guide.md is assigned to team1 and team2, so no team owns it'] });
});

test('what changed and no team owns is judged as the workspace\'s, but for what is left out', async () => {
  await using project = await makeProject({});
  const changed = ['docs/guide.md', 'src/api/index.ts', 'src/web/view.tsx'];
  const workspace = { root: project.root, mainRoot: project.root, files: FILES, removed: ['docs/gone.md', 'old.ts'], changed };
  const at = (except: readonly string[], assigned: Record<string, string[]> = { team1: ['src/api/**'] }): unknown => {
    const result = resolveTeams({ workspace, commandLine: null, config: null, assigned, unowned: { except }, only: ['team1'], paths: [], cwd: project.root });
    return result.ok ? result.teams.slice(1) : result.problem;
  };
  expect(at([])).toEqual([{ name: 'workspace', files: ['docs/guide.md', 'src/web/view.tsx'], removed: ['docs/gone.md', 'old.ts'], outside: [] }]);
  expect(at(['docs/**'])).toEqual([{ name: 'workspace', files: ['src/web/view.tsx'], removed: ['old.ts'], outside: [] }]);
  expect(at([], { team1: ['**'] })).toEqual([]);
});
