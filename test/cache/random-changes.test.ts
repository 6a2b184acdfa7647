import { readFileSync, writeFileSync } from 'node:fs';
import { chmod, readFile, rename, rm, stat, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { GATES } from '../../gates/index.ts';
import { findReplay, saveReplay, teamsDigest } from '../../src/cache/replay.ts';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunEvent } from '../../src/model/event.ts';
import { prepareCached, type PreparedRun } from '../../src/runner/index.ts';
import { systemClock } from '../../src/system/clock.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import { createRunContext } from '../../workers/run-context.ts';
import { copyPackages } from '../rig/copied-packages.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { rounds } from '../rig/rounds.ts';
import { chooseSeed, seededRandom } from '../rig/seeded-random.ts';

const CHANGES = rounds(10, 1_000);
const SEED = chooseSeed();

const NAMES = ['apple', 'brick', 'cloth', 'drawer', 'engine'] as const;

const START: Readonly<Record<string, string>> = {
  '.gitignore': 'node_modules/\ngenerated/\ncoverage/\n',
  'package.json': JSON.stringify({ name: 'warehouse', private: true, type: 'module', scripts: { test: 'node --test tests/*.test.mjs' }, devDependencies: { labels: '^1.0.0' } }),
  'README.md': '# Warehouse\n\nSee [the apple](src/apple.ts).\n',
  'tsconfig.json': JSON.stringify({ extends: './config/base.json', include: ['src'] }),
  'config/base.json': JSON.stringify({ compilerOptions: { target: 'es2022', noLib: true, module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [], allowImportingTsExtensions: true } }),
  'eslint.config.js': lintConfig('error'),
  'spark-gates.config.json': JSON.stringify({ gates: { security_analysis: { audit: 'off' }, integration_test: { installed: true } } }),
  'tools/weigh.sh': '#!/bin/sh\nexit 0\n',
  'data/weights.json': '{"apple":1}\n',
  'generated/codes.ts': 'export const code: number = 1;\n',
  'node_modules/labels/package.json': JSON.stringify({ name: 'labels', version: '1.0.0', types: 'index.d.ts', main: 'index.js', type: 'module' }),
  'node_modules/labels/index.d.ts': 'export declare const label: string;\n',
  'node_modules/labels/index.js': "export const label = 'x';\n",
  'tests/warehouse.test.mjs': `import assert from 'node:assert/strict';
import { readFileSync, statSync, readdirSync } from 'node:fs';
import test from 'node:test';
import { label } from 'labels';

test('weights', () => { assert.equal(JSON.parse(readFileSync('data/weights.json', 'utf8')).apple, 1); });
test('link', () => { assert.equal(readFileSync('current', 'utf8').length > 3, true); });
test('tool', () => { assert.equal(statSync('tools/weigh.sh').mode & 0o111, 0); });
test('season', () => { assert.notEqual(process.env.SEASON, 'winter'); });
test('labels', () => { assert.equal(label, 'x'); });
test('few files', () => { assert.ok(readdirSync('src').length < 9); });
`,
  // Instead of TypeScript's own, which take most of the time that a small project's checks take.
  'src/globals.d.ts': `interface Array<T> { length: number; [index: number]: T }
interface PromiseLike<T> { then<R>(done: (value: T) => R): PromiseLike<R> }
interface Promise<T> extends PromiseLike<T> { catch(failed: (reason: unknown) => unknown): Promise<T> }
declare var Promise: { resolve<T>(value: T): Promise<T> };
${['Boolean', 'CallableFunction', 'Function', 'IArguments', 'NewableFunction', 'Number', 'Object', 'RegExp', 'String'].map((name) => `interface ${name} {}\n`).join('')}`,
  ...Object.fromEntries(NAMES.map((name, index) => [`src/${name}.ts`, source(index, 'number')])),
};

function lintConfig(level: string): string {
  return `import tseslint from 'typescript-eslint';
export default tseslint.config({ files: ['src/**/*.ts'], extends: [tseslint.configs.base], languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: { '@typescript-eslint/no-floating-promises': '${level}', '@typescript-eslint/no-unnecessary-type-assertion': 'error' } }, { ignores: ['generated/**', '*.js', 'tests/**'] });
`;
}

/** Each imports the next; what one exports decides whether the one before compiles, and how it is linted. */
function source(index: number, type: 'number' | 'string' | 'promise'): string {
  const next = NAMES[index + 1];
  const value = { number: '1', string: "'s'", promise: 'Promise.resolve(1)' }[type];
  const lines = next === undefined ? ["import { code } from '../generated/codes.ts';", "import { label } from 'labels';", 'export const end: [number, string] = [code, label];'] : [`import { make as makeNext } from './${next}.ts';`, `export function use(): void {\n  makeNext();\n}`, `export const sure = makeNext() as number;`];
  return `${lines.join('\n')}\nexport function make() {\n  return ${value};\n}\n`;
}

interface World {
  readonly project: Project;
  readonly environment: Record<string, string>;
  readonly random: ReturnType<typeof seededRandom>;
}

const at = ({ project }: World, file: string): string => path.join(project.root, file);
const oneOf = <T>({ random }: World, values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;

/** One change of each kind of input; made again, most come back to where they were. */
const CHANGE: Readonly<Record<string, (world: World) => Promise<unknown>>> = {
  'what a source exports': (w) => { const index = Math.floor(w.random() * NAMES.length); return w.project.write({ [`src/${NAMES[index] ?? ''}.ts`]: source(index, oneOf(w, ['number', 'string', 'promise'])) }); },
  'a source, its time put back': async (w) => {
    const file = at(w, `src/${oneOf(w, NAMES)}.ts`);
    const text = await readFile(file, 'utf8').catch(() => null);
    if (text === null) return;
    const { atime, mtime } = await stat(file);
    await w.project.write({ [path.relative(w.project.root, file)]: text.includes('return 1;') ? text.replace('return 1;', 'return 2;') : text.replace('return 2;', 'return 1;') });
    await utimes(file, atime, mtime);
  },
  'a source, twice within a tick': (w) => {
    const file = at(w, `src/${oneOf(w, NAMES)}.ts`);
    for (const type of ['number', 'string'] as const) writeFileSync(file, source(NAMES.length - 1, type));
    return Promise.resolve();
  },
  'the name of a source': async (w) => { await rename(at(w, 'src/drawer.ts'), at(w, 'src/dresser.ts')).catch(() => rename(at(w, 'src/dresser.ts'), at(w, 'src/drawer.ts'))); },
  'a package beside a source': (w) => (w.random() < 0.5 ? w.project.write({ 'src/node_modules/labels/index.d.ts': 'export declare const label: boolean;\n', 'src/node_modules/labels/package.json': START['node_modules/labels/package.json'] ?? '' }) : rm(at(w, 'src/node_modules'), { recursive: true, force: true })),
  'what is ignored': (w) => w.project.write({ '.gitignore': `${START['.gitignore'] ?? ''}${oneOf(w, ['', 'src/more-a.ts\n', 'data/\n'])}` }),
  'our own configuration': (w) => w.project.write({ 'spark-gates.config.json': JSON.stringify({ exclude: oneOf(w, [['src/apple.ts'], ['src/more-*.ts'], ['data/**']]), gates: { security_analysis: { audit: 'off' }, integration_test: { installed: w.random() < 0.5 } } }) }),
  'a syntax error': (w) => w.project.write({ 'src/odd.ts': oneOf(w, ['export const odd = ;\n', 'export const odd = 1;\n']) }),
  'a data file': (w) => w.project.write({ 'data/weights.json': oneOf(w, ['{"apple":1}\n', '{"apple":2}\n', '{"apple":\n']) }),
  'an ignored module': (w) => w.project.write({ 'generated/codes.ts': `export const code: ${oneOf(w, ['number', 'string'])} = ${oneOf(w, ['1', "'1'"])};\n` }),
  'an extended configuration': (w) => w.project.write({ 'config/base.json': (START['config/base.json'] ?? '').replace('"strict":true', `"strict":${oneOf(w, ['true', 'false'])},"noImplicitReturns":${oneOf(w, ['true', 'false'])}`) }),
  'a configuration': (w) => w.project.write({ 'eslint.config.js': lintConfig(oneOf(w, ['error', 'warn', 'off'])) }),
  'types of a package': (w) => w.project.write({ 'node_modules/labels/index.d.ts': `export declare const label: ${oneOf(w, ['string', 'number'])};\n` }),
  'code of a package': (w) => w.project.write({ 'node_modules/labels/index.js': `export const label = '${oneOf(w, ['x', 'y'])}';\n` }),
  'version of a package': (w) => w.project.write({ 'node_modules/labels/package.json': (START['node_modules/labels/package.json'] ?? '').replace('1.0.0', oneOf(w, ['1.0.0', '1.1.0', '2.0.0'])) }),
  'a declared dependency': (w) => w.project.write({ 'package.json': (START['package.json'] ?? '').replace('^1.0.0', oneOf(w, ['^1.0.0', '^2.0.0'])) }),
  'the environment': (w) => { w.environment.SEASON = oneOf(w, ['winter', 'summer']); return Promise.resolve(); },
  'an executable bit': (w) => chmod(at(w, 'tools/weigh.sh'), oneOf(w, [0o644, 0o755])),
  'where a link leads': async (w) => { await rm(at(w, 'current'), { force: true }); await symlink(oneOf(w, ['data/weights.json', 'README.md', 'nowhere']), at(w, 'current')); },
  'a file that is there': (w) => { const name = `src/more-${oneOf(w, ['a', 'b', 'c', 'd'])}.ts`; return w.random() < 0.5 ? w.project.write({ [name]: 'export const more = 1;\n' }) : rm(at(w, name), { force: true }); },
  'a file that resolves first': (w) => (w.random() < 0.5 ? w.project.write({ 'src/brick.d.ts': 'export declare function make(): string;\n' }) : rm(at(w, 'src/brick.d.ts'), { force: true })),
  'a source that is gone': (w) => (w.random() < 0.4 ? rm(at(w, 'src/cloth.ts'), { force: true }) : w.project.write({ 'src/cloth.ts': source(2, 'number') })),
  prose: (w) => w.project.write({ 'README.md': `# Warehouse\n\nSee [the ${oneOf(w, ['apple](src/apple.ts)', 'cloth](src/cloth.ts)', 'none](src/none.ts)'])}.\n` }),
  'what tools leave': (w) => w.project.write({ 'coverage/x.json': String(w.random()), 'node_modules/.cache/x': String(w.random()) }),
  'a commit': (w) => w.project.git('commit', '--quiet', '--allow-empty', '--message', 'On'),
  'all back to the start': (w) => w.project.write(START),
};

/** What somebody does to a source while the gates look at the tree, or run. Only what is kept then matters, and the next step shows that. */
const MEANWHILE: Readonly<Record<string, (file: string) => void>> = {
  'one more change': (file) => { writeFileSync(file, source(4, 'string')); },
  'a change and back': (file) => {
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(/(?<=return )\w/, '9'));
    setImmediate(() => { writeFileSync(file, text); });
  },
};

test(`after each of ${String(CHANGES)} random changes, what is found is what running would find`, async () => {
  await using project = await makeProject(START);
  await symlink('data/weights.json', path.join(project.root, 'current'));
  await copyPackages(project, ['typescript', 'eslint', 'typescript-eslint', '@types/node']);
  await project.git('init', '--quiet');
  await project.git('add', '--all');
  await project.git('commit', '--quiet', '--message', 'Start');
  const world: World = { project, environment: {}, random: seededRandom(SEED) };
  const tally = { changes: 0, hits: 0, misses: 0, kept: 0, shown: 0, falseHits: [] as string[], byChange: {} as Record<string, number> };
  const names = Object.keys(CHANGE);
  for (let step = 0; step <= CHANGES; step++) {
    const name = step === 0 ? 'nothing' : oneOf(world, names);
    await CHANGE[name]?.(world);
    tally.byChange[name] = (tally.byChange[name] ?? 0) + 1;
    tally.changes += 1;
    if (world.random() < 0.15) {
      // What is found is then true of a tree that is gone; what is kept must not be.
      const [what, disturb] = oneOf(world, Object.entries(MEANWHILE));
      await compare(world, { step: `step ${String(step)}, ${name}, meanwhile ${what}`, tally, disturb, isLate: world.random() < 0.5 });
    }
    await compare(world, { step: `step ${String(step)}, ${name}`, tally });
    if (step % 20 === 19) console.log(step, JSON.stringify(tally));
  }
  console.log(`seed ${String(SEED)}`, JSON.stringify(tally));
  expect({ seed: SEED, falseHits: tally.falseHits }).toEqual({ seed: SEED, falseHits: [] });
  expect(tally.hits).toBeGreaterThan(CHANGES);
  expect(tally.misses).toBeGreaterThan(CHANGES);
}, 60_000 + CHANGES * 60_000);

interface Comparison {
  readonly step: string;
  readonly tally: { hits: number; misses: number; kept: number; shown: number; falseHits: string[] };
  readonly disturb?: ((file: string) => void) | undefined;
  /** Disturbed only when everything has been looked up. */
  readonly isLate?: boolean;
}

/** Runs what is not found, keeps it, and runs what is found besides, to compare. A whole run that would be shown again is held against what ran, too. */
async function compare({ project, environment: more, random }: World, { step, tally, disturb, isLate = false }: Comparison): Promise<void> {
  const environment = { ...systemTestEnvironment(), XDG_CACHE_HOME: path.join(path.dirname(project.root), 'cache'), ...more };
  const replays = { folder: path.join(path.dirname(project.root), 'cache', 'spark-gates'), environment, clock: systemClock, disk: systemDisk };
  const file = path.join(project.root, `src/${oneOf({ project, environment: more, random }, ['apple', 'brick', 'engine'])}.ts`);
  const shown = await findReplay('whole', replays);
  const looking = prepareCached({ cwd: project.root, config: null, preset: null, teams: null, paths: [], gates: null, environment }, systemClock);
  if (!isLate) disturb?.(file);
  const result = await looking;
  if (!result.ok || result.cache === null) throw new Error(`${step}: ${result.ok ? 'no cache' : result.problem}`);
  const { prepared, cache } = result;
  const hits = await cache.lookUp(prepared.plan.checks, prepared.workspace);
  if (isLate) disturb?.(file);
  const ended: { check: Check; outcome: CheckOutcome; durationMs: number }[] = [];
  const ran = new Map<string, CheckOutcome>();
  await withChecks(prepared, environment, async (run) => {
    for (const check of prepared.plan.checks) {
      const kept = hits.get(check.id);
      const outcome = await run(check);
      ran.set(check.id, outcome);
      ended.push({ check, outcome: kept?.outcome ?? outcome, durationMs: 1 });
    }
  });
  if (disturb === undefined) {
    for (const [id, { outcome }] of hits) {
      tally.hits += 1;
      if (comparable(outcome) !== comparable(ran.get(id))) tally.falseHits.push(`${step}: ${id}: found ${comparable(outcome)}, ran ${comparable(ran.get(id))}`);
    }
    tally.misses += prepared.plan.checks.length - hits.size;
    const whole = JSON.stringify(shown?.events);
    if (shown !== null) tally.shown += 1;
    if (shown !== null && whole !== JSON.stringify(asEvents(ran))) tally.falseHits.push(`${step}: shown again ${whole}, ran ${JSON.stringify(asEvents(ran))}`);
  }
  cache.record(ended, prepared.workspace);
  const kept = await cache.settle();
  tally.kept += ended.length - hits.size - kept.reasons.size;
  if (!kept.isComplete || kept.key === null) return;
  const record = { root: project.root, cwd: project.root, settings: cache.settings, base: null, teams: teamsDigest(project.root, cache.settings.relay), key: kept.key, untilMs: kept.untilMs, events: asEvents(new Map(ended.map(({ check, outcome }) => [check.id, outcome]))) };
  await saveReplay('whole', record, replays);
}

/** Everything of a run that its report could say, as one that was kept. */
function asEvents(outcomes: ReadonlyMap<string, CheckOutcome>): RunEvent[] {
  return [...outcomes].map(([id, outcome]) => ({ id, outcome: comparable(outcome) }) as unknown as RunEvent);
}

async function withChecks(prepared: PreparedRun, environment: Readonly<Record<string, string | undefined>>, work: (run: (check: Check) => Promise<CheckOutcome>) => Promise<void>): Promise<void> {
  const tempRoot = await makeTempFolder();
  const signal = new AbortController().signal;
  try {
    await work((check) => GATES[check.gates[0]].run(check, createRunContext({ workspace: prepared.workspace, environment, signal, isCancelled: () => false, lane: new Map(), slots: 1, tempRoot })));
  } finally {
    await removeTempFolder(tempRoot);
  }
}

/** All but how long it took. */
function comparable(outcome: CheckOutcome | undefined): string {
  return JSON.stringify(outcome, (key, value: unknown) => (key === 'durationMs' ? 0 : value));
}
