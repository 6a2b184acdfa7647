import { chmod, cp, mkdir, realpath, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readEnvironment } from '../../src/cache/environment.ts';
import type { MemoRow } from '../../src/cache/file-memo.ts';
import { mentionsOf } from '../../src/cache/mentions.ts';
import { TreeRecords } from '../../src/cache/tree-records.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import { systemDisk } from '../../src/system/disk.ts';
import type { Project } from '../rig/project.ts';
import { clean, lookAt, seed } from '../rig/seeded-cache.ts';
import { ALL, CODE, FILES, FILES_ONLY, installed, library, look, PACKAGES } from './library.ts';

/** Those that look at scripts, and not at text or data. */
const OF_SCRIPTS = ['integration_test:imports', 'rules:1'];

interface InputClass {
  readonly change: (project: Project) => Promise<unknown>;
  readonly hits: readonly string[];
  /** Why the tests are run, where they are. */
  readonly why: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const CLASSES: Readonly<Record<string, InputClass>> = {
  'own file': { change: (p) => p.write({ 'src/catalogue.ts': `${FILES['src/catalogue.ts'] ?? ''}// more\n` }), hits: PACKAGES, why: 'src/catalogue.ts changed' },
  'a file of the same size, times put back': {
    change: async (p) => {
      const file = path.join(p.root, 'src/book.ts');
      const { atime, mtime } = await stat(file);
      await p.write({ 'src/book.ts': "export const book = 'd';\n" });
      await utimes(file, atime, mtime);
    },
    hits: PACKAGES,
    why: 'src/book.ts changed',
  },
  'dependency three imports away': { change: (p) => p.write({ 'src/book.ts': "export const book = 'c';\n" }), hits: PACKAGES, why: 'src/book.ts changed' },
  'type-only dependency': { change: (p) => p.write({ 'src/author.ts': 'export interface Author { readonly name: number }\n' }), hits: PACKAGES, why: 'src/author.ts changed' },
  configuration: { change: (p) => p.write({ 'eslint.config.js': `${FILES['eslint.config.js'] ?? ''}// stricter\n` }), hits: PACKAGES, why: 'eslint.config.js changed' },
  'extended configuration': { change: (p) => p.write({ 'config/tsconfig.base.json': '{ "compilerOptions": { "noEmit": true } }' }), hits: [...OF_SCRIPTS, ...PACKAGES], why: 'config/tsconfig.base.json changed' },
  'extended configuration outside of the root': { change: (p) => writeFile(path.join(p.root, '../shared/tsconfig.json'), '{ "compilerOptions": {} }'), hits: [...FILES_ONLY, ...PACKAGES], why: '../shared/tsconfig.json changed, vendor/tsconfig.json changed' },
  'outside of the root, named by a pattern': { change: (p) => writeFile(path.join(p.root, '../series/src/volume.ts'), 'export const volume = 2;\n'), hits: [...FILES_ONLY, ...PACKAGES], why: '../series/src/volume.ts changed' },
  'outside of the root, in folders that match a pattern': { change: (p) => writeFile(path.join(p.root, '../edition-one/src/index.ts'), 'export const edition = 2;\n'), hits: [...FILES_ONLY, ...PACKAGES], why: '../edition-one/src/index.ts changed' },
  'outside of the root, named from the top': { change: (p) => writeFile(path.join(p.root, '../absolute.json'), '[]'), hits: FILES_ONLY, why: '{parent}/absolute.json changed' },
  'beside the file that a link leads to': { change: (p) => writeFile(path.join(p.root, '../rules/strict.json'), '[]'), hits: [...FILES_ONLY, ...PACKAGES], why: '../rules/strict.json changed' },
  'configuration of a formatter above the root': { change: (p) => writeFile(path.join(p.root, '../.prettierrc.yaml'), 'semi: false\n'), hits: FILES_ONLY, why: '{parent}/.prettierrc.yaml is new' },
  'configuration above the root': { change: (p) => writeFile(path.join(p.root, '../.npmrc'), 'offline=true\n'), hits: FILES_ONLY, why: '{parent}/.npmrc is new' },
  'plugin version': { change: (p) => p.write(installed('eslint-plugin-order', '1.1.0')), hits: FILES_ONLY, why: 'eslint-plugin-order 1.0.0 → 1.1.0' },
  'plugin patched in place': { change: (p) => p.write({ 'node_modules/eslint-plugin-order/lib/rules/first.js': 'module.exports = []; \n' }), hits: FILES_ONLY, why: 'node_modules/eslint-plugin-order changed' },
  'package installed above the root': { change: async (p) => { await mkdir(path.join(p.root, '../node_modules/pad'), { recursive: true }); await writeFile(path.join(p.root, '../node_modules/pad/package.json'), '{"version":"1.0.0"}'); }, hits: FILES_ONLY, why: 'pad is installed' },
  lockfile: { change: (p) => p.write({ 'package-lock.json': '{"lockfileVersion":3,"packages":{}}' }), hits: OF_SCRIPTS, why: 'package-lock.json changed' },
  'tool version': { change: (p) => p.write(installed('typescript', '5.9.3')), hits: FILES_ONLY, why: 'typescript 5.9.2 → 5.9.3, its files, its settings or the layout of the project changed' },
  'variable that a file names': { change: () => Promise.resolve(), environment: { SHELF: 'top' }, hits: FILES_ONLY, why: 'environment variable SHELF is new' },
  'variable whose name is worked out': { change: () => Promise.resolve(), environment: { BRANCH_NORTH: 'open' }, hits: FILES_ONLY, why: 'environment variable BRANCH_NORTH is new' },
  'variable in small letters, by destructuring': { change: () => Promise.resolve(), environment: { opening: 'nine' }, hits: FILES_ONLY, why: 'environment variable opening is new' },
  'variable of a script without an ending': { change: () => Promise.resolve(), environment: { DOORS: 'wide' }, hits: FILES_ONLY, why: 'environment variable DOORS is new' },
  'variable in small letters of a script': { change: () => Promise.resolve(), environment: { lamps: 'lit' }, hits: FILES_ONLY, why: 'environment variable lamps is new' },
  'variable in small letters whose name is worked out': { change: () => Promise.resolve(), environment: { room_key: 'iron' }, hits: FILES_ONLY, why: 'environment variable room_key is new' },
  'home folder': { change: () => Promise.resolve(), environment: { HOME: '/nowhere' }, hits: FILES_ONLY, why: 'environment variable HOME changed' },
  'variable that tools read': { change: () => Promise.resolve(), environment: { NODE_ENV: 'production' }, hits: FILES_ONLY, why: 'environment variable NODE_ENV is new' },
  'variable that nobody reads': { change: () => Promise.resolve(), environment: { WINDOW_COLOUR: 'red' }, hits: [...FILES_ONLY, ...PACKAGES, ...CODE, ...ALL], why: '' },
  'executable bit': { change: (p) => chmod(path.join(p.root, 'scripts/check.sh'), 0o755), hits: [...OF_SCRIPTS, ...PACKAGES], why: 'scripts/check.sh is executable or is not any more' },
  'symlink target': { change: async (p) => { await rm(path.join(p.root, 'titles')); await symlink('data/names.txt', path.join(p.root, 'titles')); }, hits: [...OF_SCRIPTS, ...PACKAGES], why: 'titles changed' },
  'what a link leads to': { change: (p) => p.write({ 'data/titles.txt': 'two\n' }), hits: [...OF_SCRIPTS, ...PACKAGES], why: 'data/titles.txt changed, titles changed' },
  'what a link out of the root leads to': { change: (p) => writeFile(path.join(p.root, '../shared/lib/tool.ts'), 'export const tool = 2;\n'), hits: [...FILES_ONLY, ...PACKAGES], why: 'vendor/lib/tool.ts changed' },
  'file added that changes resolution': { change: (p) => p.write({ 'src/book.js': 'export const book = 1;\n' }), hits: PACKAGES, why: 'src/book.js is new, its files, its settings or the layout of the project changed' },
  'ignored file that is imported': { change: (p) => p.write({ 'generated/index.ts': 'export const generated = 2;\n' }), hits: [...FILES_ONLY, ...PACKAGES], why: 'generated/index.ts changed' },
  'ignored file below a name that tools use': { change: (p) => p.write({ 'generated/logs/index.ts': 'export const log = 2;\n' }), hits: [...FILES_ONLY, ...PACKAGES], why: 'generated/logs/index.ts changed' },
  'what tools make for themselves': { change: (p) => p.write({ 'coverage/index.html': 'two', 'node_modules/.cache/x.json': '{}', 'tsconfig.tsbuildinfo': '{}' }), hits: [...FILES_ONLY, ...PACKAGES, ...CODE, ...ALL], why: '' },
  'file removed': { change: (p) => p.remove('src/author.ts'), hits: PACKAGES, why: 'src/author.ts is gone, its files, its settings or the layout of the project changed' },
  'file renamed': { change: (p) => rename(path.join(p.root, 'src/author.ts'), path.join(p.root, 'src/writer.ts')), hits: PACKAGES, why: 'src/author.ts is gone, src/writer.ts is new, its files, its settings or the layout of the project changed' },
  prose: { change: (p) => p.write({ 'README.md': '# Library\n\nMore.\n' }), hits: [...OF_SCRIPTS, ...PACKAGES, ...CODE.filter((id) => id !== 'lint_enforcement:eslint:eslint.config.js')], why: 'README.md changed' },
  commit: { change: (p) => p.git('commit', '--quiet', '--allow-empty', '--message', 'Nothing'), hits: [...FILES_ONLY, ...PACKAGES, ...CODE, ...ALL], why: '' },
  'relay document': { change: (p) => p.write({ '.claude/workflows/file_locks.json': '{}' }), hits: [...FILES_ONLY, ...PACKAGES, ...CODE, ...ALL], why: '' },
};

for (const [name, { change, hits, why, environment }] of Object.entries(CLASSES)) {
  test(`${name}: misses where it must, and hits where it may`, async () => {
    await using project = await library();
    expect(await seed(look(project))).toEqual({});
    await change(project);
    const found = await lookAt({ ...look(project), environment });
    expect([...found.hits].sort()).toEqual([...hits].sort());
    expect((found.misses['test_coverage:tests:unit:vitest::test'] ?? '').replaceAll(path.dirname(project.root), '{parent}')).toBe(why);
  });
}

test('a program that a script names is another one when it was installed again', async () => {
  await using project = await library();
  const folder = path.join(path.dirname(project.root), 'programs');
  await mkdir(folder);
  await writeFile(path.join(folder, 'stamp-books'), '#!/bin/sh\n', { mode: 0o755 });
  const withPrograms = { ...look(project), environment: { PATH: `${folder}${path.delimiter}${process.env.PATH ?? ''}` } };
  await seed(withPrograms);
  expect((await lookAt(withPrograms)).misses).toEqual({});
  await writeFile(path.join(folder, 'stamp-books'), '#!/bin/sh\nexit 1\n');
  const { hits, misses } = await lookAt(withPrograms);
  expect([...hits].sort()).toEqual([...FILES_ONLY, ...PACKAGES, ...CODE].sort());
  expect(misses['test_coverage:tests:unit:vitest::test']).toBe('another stamp-books on the PATH');
});

test('stored figures among what tools write keep the comparison with them from being kept', async () => {
  await using project = await library();
  await project.write({
    '.gitignore': 'node_modules/\ngenerated/\ncoverage/\n*.tsbuildinfo\ntmp/\n',
    'tmp/figures.json': '{ "benchmarks": [] }',
    'spark-gates.config.json': JSON.stringify({ gates: { security_analysis: { audit: 'off' }, performance_check: { benchmarks: { command: 'node bench.js', baseline: 'tmp/figures.json' } } } }),
  });
  expect(await seed(look(project))).toEqual({ 'performance_check:benchmarks': 'tmp/figures.json lies among what tools write: name it in cache.inputs' });
});

test('the time zone of the system counts where no variable says another', async () => {
  const zoneOf = (environment: Readonly<Record<string, string>>): string | null => readEnvironment({ environment, root: '/library', mentioned: new Set(), words: new Set(), declared: [] }).zone;
  const link = await realpath('/etc/localtime').catch(() => null);
  expect(zoneOf({})?.split(' ')[0]).toBe(link ?? 'none');
  expect(zoneOf({ TZ: 'Asia/Tokyo' })).toBe(null);
});

test('what another build saw in a file is not believed', async () => {
  await using project = await library();
  const records = new TreeRecords(path.join(path.dirname(project.root), 'cache'), project.root, { disk: systemDisk });
  const rows = new Map<string, MemoRow>([['src/book.ts', ['1 2 3', 4, 'digest', 'SHELF', 0, [], '']]]);
  await records.saveFiles(rows, 'this build');
  expect([await records.files('this build'), await records.files('another build')]).toEqual([[...rows], []]);
});

test('a rule for imports that names all that lies beside the tree costs nothing; a compiler that reads it has no result kept', async () => {
  await using project = await library();
  await project.write({ 'eslint.config.js': "export default [{ rules: { 'no-restricted-imports': ['error', { patterns: ['../*', '../**', '../*/*'] }] } }];\n" });
  expect(await seed(look(project))).toEqual({});
  await project.write({ 'tsconfig.json': JSON.stringify({ include: ['../**/*.ts'] }) });
  expect((await seed(look(project)))['type_verification:types:tsconfig.json']).toBe('a file of the tree means all that lies beside the tree (../**/*.ts)');
});

test('a change that is undone finds the results of before', async () => {
  await using project = await library();
  await seed(look(project));
  await project.write({ 'src/book.ts': "export const book = 'c';\n" });
  await seed(look(project));
  await project.write({ 'src/book.ts': FILES['src/book.ts'] ?? '' });
  expect((await lookAt(look(project))).misses).toEqual({});
});

test('a worktree of the same content has the same results, and one of another content its own', async () => {
  await using project = await library();
  await seed(look(project));
  const other = path.join(path.dirname(project.root), 'other');
  await project.git('worktree', 'add', '--quiet', other);
  await cp(path.join(project.root, 'node_modules'), path.join(other, 'node_modules'), { recursive: true });
  await cp(path.join(project.root, 'generated'), path.join(other, 'generated'), { recursive: true });
  expect((await lookAt({ ...look(project), cwd: other })).misses).toEqual({});
  await writeFile(path.join(other, 'src/book.ts'), "export const book = 'c';\n");
  expect([...(await lookAt({ ...look(project), cwd: other })).hits].sort()).toEqual([...PACKAGES].sort());
});

test('what changes while it runs is not kept, and named', async () => {
  await using project = await library();
  const reasons = await seed(look(project), undefined, () => project.write({ 'src/book.ts': "export const book = 'c';\n" }));
  expect(Object.keys(reasons).sort()).toEqual([...FILES_ONLY, ...CODE, ...ALL].sort());
  expect(reasons['type_verification:types:tsconfig.json']).toBe('src/book.ts changed while it ran');
  expect((await lookAt(look(project))).hits).toEqual(['security_analysis:lockfile', 'integration_test:installed']);
});

test('what was changed while it ran is not kept, even if it was changed back', async () => {
  const changes: Readonly<Record<string, (project: Project) => Promise<unknown>>> = {
    'src/book.ts': async (p) => { await p.write({ 'src/book.ts': "export const book = 'c';\n" }); await p.write({ 'src/book.ts': FILES['src/book.ts'] ?? '' }); },
    'src/author.ts': async (p) => { await p.remove('src/author.ts'); await p.write({ 'src/author.ts': FILES['src/author.ts'] ?? '' }); },
    'scripts/check.sh': async (p) => { await chmod(path.join(p.root, 'scripts/check.sh'), 0o755); await chmod(path.join(p.root, 'scripts/check.sh'), 0o644); },
    titles: async (p) => { for (const target of ['data/names.txt', 'data/titles.txt']) { await rm(path.join(p.root, 'titles')); await symlink(target, path.join(p.root, 'titles')); } },
    'node_modules/typescript': async (p) => { await p.write(installed('typescript', '5.9.3')); await p.write(installed('typescript', '5.9.2')); },
  };
  for (const [file, change] of Object.entries(changes)) {
    await using project = await library();
    const reasons = await seed(look(project), undefined, async () => { await change(project); });
    expect(Object.values(reasons).every((reason) => reason === `${file} was written while it ran`), JSON.stringify(reasons)).toBe(true);
    expect(Object.keys(reasons)).toEqual(expect.arrayContaining([...CODE, ...ALL]));
    expect((await lookAt(look(project))).misses['type_verification:types:tsconfig.json']).toBe(`not kept, because ${file} was written while it ran`);
  }
});

test('what came and went while it ran keeps results from being kept, unless tests may have done it', async () => {
  const changes: Readonly<Record<string, (project: Project) => Promise<unknown>>> = {
    src: async (p) => { await p.write({ 'src/scratch.d.ts': 'declare const x: 1;\n' }); await p.remove('src/scratch.d.ts'); },
    'the root': async (p) => { await rename(path.join(p.root, 'src'), path.join(p.root, 'away')); await rename(path.join(p.root, 'away'), path.join(p.root, 'src')); },
  };
  for (const [place, change] of Object.entries(changes)) {
    await using project = await library();
    expect(await seed(look(project), undefined, async () => { await change(project); })).toEqual({});
    await project.write({ 'data/names.txt': 'two\n', 'src/book.ts': "export const book = 'c';\n" });
    const reasons = await seed({ ...look(project), gates: ['type_verification', 'syntax_validation'] }, undefined, async () => { await change(project); });
    const reason = `something came or went in ${place} while it ran`;
    expect(reasons).toEqual({ 'syntax_validation:parse:1': reason, 'type_verification:types:tsconfig.json': reason });
    expect(await seed({ ...look(project), gates: ['type_verification', 'syntax_validation'] })).toEqual({});
  }
});

test('what a run writes into ignored folders of tools keeps nothing from being kept', async () => {
  await using project = await library();
  expect(await seed(look(project), undefined, () => project.write({ 'coverage/lcov.info': 'x', 'node_modules/.vite/deps.json': '{}' }))).toEqual({});
});

test('an error, a test that was tried again, and what has its time are not kept, or not for longer', async () => {
  await using project = await library();
  let nowMs = Date.now() + 60_000;
  const clock = { now: () => nowMs, monotonicMs: () => 0 };
  const reasons = await seed({ ...look(project), clock }, (check) => {
    if (check.engine === 'typescript') return { status: 'error', failure: { reason: 'time-limit', limitMs: 5 } };
    if (check.engine === 'vitest') return { ...clean(check), validity: { kind: 'unrepeatable', reason: 'a test was tried again' } } as CheckOutcome;
    return check.id === 'security_analysis:lockfile' ? { status: 'skipped', reason: 'no answer', validity: { kind: 'for', ms: 1_000 } } : clean(check);
  });
  expect(reasons).toEqual({ 'type_verification:types:tsconfig.json': 'it could not run', 'test_coverage:tests:unit:vitest::test': 'a test was tried again' });
  expect((await lookAt({ ...look(project), clock })).misses).toEqual({
    'type_verification:types:tsconfig.json': 'not kept, because it could not run',
    'test_coverage:tests:unit:vitest::test': 'not kept, because a test was tried again',
  });
  nowMs += 1_000;
  expect(Object.keys((await lookAt({ ...look(project), clock })).misses)).toContain('security_analysis:lockfile');
});

test('where a package manager stores what it loads is no input', () => {
  expect(mentionsOf('/home/me/.npmrc', 'store-dir=/data/store\ncache=/data/cache\n').outside).toEqual([]);
  expect(mentionsOf('.npmrc', 'cache=/data/cache\ncafile=../shared/ca.pem\n').outside).toEqual(['../shared/ca.pem']);
  expect(mentionsOf('tsconfig.json', '{ "extends": "/data/tsconfig.json" }').outside).toEqual(['/data/tsconfig.json']);
});

test('what rests on names is kept only where they cannot come or go unseen', async () => {
  const names: readonly (readonly [found: string, missing: string, isKept: boolean])[] = [
    ['src/', 'docs/plan.md', true], ['generated/index.ts', 'generated/gone.ts', true], ['vendor/lib/', 'vendor/lib/gone.ts', true], ['shelves/book.ts', 'docs', true],
    ['coverage/index.html', 'docs', false], ['empty', 'docs', false], ['.git/HEAD', 'docs', false], ['node_modules/eslint/package.json', 'docs', false], ['src', 'docs/coverage/index.html', false], ['src', 'debug.log', false],
  ];
  for (const [found, missing, isKept] of names) {
    await using project = await library();
    await mkdir(path.join(project.root, 'empty'));
    await symlink('src', path.join(project.root, 'shelves'));
    const reasons = await seed(look(project), (check) => (check.id === 'documentation_check:markdown' ? { ...clean(check), validity: { kind: 'names', found: [found], missing: [missing] } } as CheckOutcome : clean(check)));
    expect(Object.keys(reasons), `${found} ${missing}`).toEqual(isKept ? [] : ['documentation_check:markdown']);
    expect((await lookAt(look(project))).hits.includes('documentation_check:markdown')).toBe(isKept);
  }
});

test('the configuration adds inputs, outputs and variables, and leaves gates out', async () => {
  await using project = await library();
  await project.write({
    '.gitignore': 'node_modules/\ngenerated/\ncoverage/\n*.tsbuildinfo\nout/\n',
    'spark-gates.config.json': JSON.stringify({ cache: { inputs: ['coverage/base.json'], outputs: ['out'], env: ['DATABASE'], never: ['test_coverage'] }, gates: { security_analysis: { audit: 'off' } } }),
  });
  const never = { 'test_coverage:tests:unit:vitest::test': 'cache.never in the configuration names its gate' };
  expect(await seed(look(project))).toEqual(never);
  expect(await seed(look(project), undefined, () => project.write({ 'out/log.txt': 'x' }))).toEqual(never);
  expect([...(await lookAt({ ...look(project), environment: { DATABASE: 'x' } })).hits].sort()).toEqual(FILES_ONLY);
  await project.write({ 'coverage/base.json': '{}' });
  expect([...(await lookAt(look(project))).hits].sort()).toEqual([...FILES_ONLY, ...PACKAGES].sort());
});
