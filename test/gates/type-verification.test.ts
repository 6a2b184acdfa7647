import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { runGate, type GateRun, type GateRunOptions } from '../rig/gate.ts';
import { makeProject, type Project } from '../rig/project.ts';

const OPTIONS = { strict: true, target: 'es2022', lib: ['es2022'], types: [], module: 'nodenext', skipLibCheck: true };
const tsconfig = (compilerOptions: object = {}, rest: object = { include: ['src'] }): string => JSON.stringify({ compilerOptions: { ...OPTIONS, ...compilerOptions }, ...rest });
const VERSIONS = ['typescript5', 'typescript', 'typescript7'] as const;

type Files = Readonly<Record<string, string | Uint8Array>>;

async function check(files: Files, options: GateRunOptions & { typescript?: string; name?: string } = {}): Promise<{ run: GateRun; left: readonly string[] }> {
  const { typescript = 'typescript', name, ...rest } = options;
  await using project: Project = await makeProject(files, { packages: typescript === '' ? {} : { typescript }, ...(name === undefined ? {} : { name }) });
  const run = await runGate(project, 'type_verification', rest);
  return { run, left: (await readdir(project.root, { recursive: true })).filter((file) => !file.startsWith('node_modules')).sort() };
}

/** Each check in a line, followed by its findings. */
function tell({ outcomes }: GateRun): string[] {
  return outcomes.flatMap(({ check: { name }, outcome }) => {
    if (outcome.status === 'skipped') return [`${name} skipped: ${outcome.reason}`];
    if (outcome.status === 'error') return [`${name} error: ${JSON.stringify(outcome.failure)}`];
    const findings = outcome.findings.map((each) => `${each.file ?? ''}:${String(each.line)}:${String(each.column)} ${each.severity} ${each.kind ?? ''}${each.rule} ${each.message}`);
    return [`${name} done: ${outcome.inspected.files.join(', ')}`, ...findings];
  });
}

const notesOf = ({ plan }: GateRun): unknown => plan.cells.flatMap(({ notes }) => notes);

describe.each(VERSIONS)('%s', (typescript) => {
  test('good code passes, also what it imports from outside its include', async () => {
    const { run } = await check(
      { 'tsconfig.json': tsconfig(), 'src/a.ts': 'import { b } from "../lib/b.js";\nexport const a: number = b;\n', 'lib/b.ts': 'export const b = 1;\n' },
      { typescript },
    );
    expect(tell(run)).toEqual(['types:tsconfig.json done: lib/b.ts, src/a.ts']);
    expect(run.outcomes[0]?.check.engineVersion).toMatch(/^\d+\.\d+\.\d+$/);
  });

  test('type errors at their places, whatever the files are called', async () => {
    const { run } = await check(
      {
        'tsconfig.json': tsconfig(),
        'src/-dash.ts': 'export const a: string = 1;\n',
        'src/with space (2,3).ts': '\uFEFF/* 😀 */ export const b: number = "";\n',
        'src/ünï/コード.ts': 'export const f: (a: { b: string }) => void = (a: { b: number }) => { void a; };\n',
      },
      { typescript, name: 'a project' },
    );
    expect(tell(run)).toEqual([
      'types:tsconfig.json done: src/-dash.ts, src/with space (2,3).ts, src/ünï/コード.ts',
      "src/-dash.ts:1:14 error TS2322 Type 'number' is not assignable to type 'string'.",
      "src/with space (2,3).ts:1:23 error TS2322 Type 'string' is not assignable to type 'number'.",
      "src/ünï/コード.ts:1:14 error TS2322 Type '(a: { b: number; }) => void' is not assignable to type '(a: { b: string; }) => void'.\n"
        + "  Types of parameters 'a' and 'a' are incompatible.\n"
        + "    Type '{ b: string; }' is not assignable to type '{ b: number; }'.\n"
        + "      Types of property 'b' are incompatible.\n"
        + "        Type 'string' is not assignable to type 'number'.",
    ]);
  });

  test('a file that does not parse hides no other file\'s errors', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig(), 'src/broken.ts': 'export const = 1;\n', 'src/wrong.ts': 'export const a: string = 1;\n' }, { typescript });
    expect(tell(run)).toEqual([
      'types:tsconfig.json done: src/broken.ts, src/wrong.ts',
      'src/broken.ts:1:14 error parseTS1134 Variable declaration expected.',
      'src/broken.ts:1:16 error parseTS1134 Variable declaration expected.',
      "src/wrong.ts:1:14 error TS2322 Type 'number' is not assignable to type 'string'.",
    ]);
  });

  test('a file that does not parse makes no fault of options that are about output, which is not written', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig({ allowImportingTsExtensions: true, outDir: 'dist' }), 'src/broken.ts': 'export const = 1;\n', 'src/wrong.ts': 'export const a: string = 1;\n' }, { typescript });
    expect(tell(run).filter((line) => !line.includes('parseTS'))).toEqual([
      'types:tsconfig.json done: src/broken.ts, src/wrong.ts',
      "src/wrong.ts:1:14 error TS2322 Type 'number' is not assignable to type 'string'.",
    ]);
  });

  test('referenced projects are read from source: nothing is built, nothing is written', async () => {
    const files = {
      'tsconfig.json': JSON.stringify({ files: [], references: [{ path: 'core' }, { path: 'app' }] }),
      'core/tsconfig.json': tsconfig({ composite: true, rootDir: 'src', outDir: 'dist' }),
      'core/src/index.ts': 'export const n: number = 1;\nexport const bad: string = 2;\n',
      'app/tsconfig.json': tsconfig({ composite: true, rootDir: 'src', outDir: 'dist' }, { include: ['src'], references: [{ path: '../core' }] }),
      'app/src/main.ts': 'import { n } from "../../core/src/index.js";\nexport const s: string = n;\n',
    };
    const { run, left } = await check(files, { typescript });
    expect(tell(run)).toEqual([
      'types:app/tsconfig.json done: app/src/main.ts',
      "app/src/main.ts:2:14 error TS2322 Type 'number' is not assignable to type 'string'.",
      'types:core/tsconfig.json done: core/src/index.ts',
      "core/src/index.ts:2:14 error TS2322 Type 'number' is not assignable to type 'string'.",
    ]);
    expect(left).toEqual(['app', 'app/src', 'app/src/main.ts', 'app/tsconfig.json', 'core', 'core/src', 'core/src/index.ts', 'core/tsconfig.json', 'tsconfig.json']);
  });

  test('JavaScript counts as inspected only where it is checked', async () => {
    const sources = { 'src/a.js': '/** @type {number} */\nexport const a = "";\n', 'src/b.js': '// @ts-nocheck\nexport const b = 1;\nb = 2;\n' };
    const checked = await check({ ...sources, 'tsconfig.json': tsconfig({ allowJs: true, checkJs: true, noEmit: true }) }, { typescript });
    expect(tell(checked.run)).toEqual(['types:tsconfig.json done: src/a.js', "src/a.js:2:14 error TS2322 Type 'string' is not assignable to type 'number'."]);
    const unchecked = await check({ ...sources, 'tsconfig.json': tsconfig({ allowJs: true, noEmit: true }) }, { typescript });
    expect(tell(unchecked.run)).toEqual(['types:tsconfig.json skipped: tsconfig.json has the compiler check no file of the workspace (JavaScript without checkJs, @ts-nocheck, noCheck)']);
  });

  test('a wrong option is a finding in the tsconfig', async () => {
    const { run } = await check({ 'tsconfig.json': '{"compilerOptions": {"stricter": true, "types": []}, "include": ["src"]}\n', 'src/a.ts': 'export {};\n' }, { typescript });
    expect(tell(run)[1]).toMatch(/^tsconfig\.json:1:22 error TS5(023|025) Unknown compiler option 'stricter'\.( Did you mean 'strict'\?)?$/);
  });

  test('packages that are declared but not installed are one setup error', async () => {
    const { run } = await check(
      {
        'package.json': JSON.stringify({ dependencies: { left: '1.0.0', '@scope/right': '1.0.0' } }),
        'tsconfig.json': tsconfig(),
        'src/a.ts': 'import l from "left/deep";\nimport r from "@scope/right";\nexport const s: string = 1;\nexport { l, r };\n',
      },
      { typescript },
    );
    expect(tell(run)).toEqual(['types:tsconfig.json error: {"reason":"setup","detail":"tsconfig.json: 2 declared packages are not installed (@scope/right, left): install the dependencies first"}']);
  });

  test('stops when it is told to', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig(), 'src/a.ts': 'export {};\n' }, { typescript, signal: AbortSignal.abort({ reason: 'time-limit', limitMs: 5 }) });
    expect(tell(run)).toEqual(['types:tsconfig.json error: {"reason":"time-limit","limitMs":5}']);
  });
});

describe('plan', () => {
  test('no tsconfig is nothing to do', async () => {
    const { run } = await check({ 'src/a.ts': 'export {};\n' });
    expect([tell(run), notesOf(run)]).toEqual([[], [{ status: 'skipped', reason: 'no tsconfig.json' }]]);
  });

  test('a tsconfig without TypeScript is an error that says how to install it', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig(), 'src/a.ts': 'export {};\n', 'package.json': '{}', 'pnpm-lock.yaml': '' }, { typescript: '' });
    expect(notesOf(run)).toEqual([{ status: 'error', reason: 'tsconfig.json needs TypeScript, which is not installed: run pnpm add --save-dev typescript', teams: ['workspace'] }]);
  });

  test('a tsconfig that matches no file is the compiler\'s finding', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig({}, { include: ['nowhere'] }), 'a.md': '' });
    expect(tell(run).map((line) => line.split(' in config')[0])).toEqual(['types:tsconfig.json done: ', "tsconfig.json:null:null error TS18003 No inputs were found"]);
  });

  test('only projects that a team\'s files are in, or are imported by', async () => {
    const files = {
      'one/tsconfig.json': tsconfig(), 'one/package.json': '{}', 'one/src/a.ts': 'export const a = 1;\n',
      'two/tsconfig.json': tsconfig(), 'two/package.json': '{}', 'two/src/b.ts': 'import { a } from "../../one/src/a.js";\nexport const b: string = a;\n',
      'three/tsconfig.json': tsconfig(), 'three/package.json': '{}', 'three/src/c.ts': 'export {};\n',
      'notes/d.md': '',
    };
    const { run } = await check(files, { teams: { first: ['one/**'], writers: ['notes/**'] } });
    expect(tell(run)).toEqual([
      'types:one/tsconfig.json done: one/src/a.ts',
      'types:two/tsconfig.json done: one/src/a.ts, two/src/b.ts',
      "two/src/b.ts:2:14 error TS2322 Type 'number' is not assignable to type 'string'.",
    ]);
    expect(notesOf(run)).toEqual([{ status: 'skipped', reason: 'none of its files is in a TypeScript project', teams: ['writers'] }]);
  });

  test('files in no project are told of', async () => {
    const { run } = await check({ 'tsconfig.json': tsconfig(), 'src/a.ts': 'export {};\n', 'tool.ts': 'export {};\n' });
    const outcome = run.outcomes[0]?.outcome;
    expect(outcome?.status === 'done' && outcome.notes).toEqual(['no tsconfig includes tool.ts: checked only where another file imports it']);
  });

  test('the configuration names the projects', async () => {
    const files = { 'tsconfig.json': tsconfig(), 'tsconfig.strange.json': tsconfig({}, { include: ['other'] }), 'src/a.ts': 'export {};\n', 'other/b.ts': 'export const b: string = 1;\n' };
    const { run } = await check(files, { config: { gates: { type_verification: { projects: ['tsconfig.strange.json', 'tsconfig.gone.json'] } } } });
    expect(tell(run)).toEqual(['types:tsconfig.strange.json done: other/b.ts', "other/b.ts:1:14 error TS2322 Type 'number' is not assignable to type 'string'."]);
    expect(notesOf(run)).toEqual([{ status: 'error', reason: 'tsconfig.gone.json, named in type_verification.projects, does not exist: correct the configuration' }]);
  });

  test('a compiler that breaks off is an error', async () => {
    const { run } = await check({
      'tsconfig.json': tsconfig(), 'src/a.ts': 'export {};\n',
      'node_modules/typescript/package.json': '{"name": "typescript", "version": "5.0.0", "main": "main.js"}',
      'node_modules/typescript/main.js': 'throw new Error("out of order");\n',
    }, { typescript: '' });
    const outcome = run.outcomes[0]?.outcome;
    const failure = outcome?.status === 'error' ? outcome.failure : null;
    expect(failure?.reason === 'engine-crashed' && [failure.engine, failure.detail.split('\n')[0]]).toEqual(['TypeScript 5.0.0', 'Error: out of order']);
  });
});

test('TypeScript 7: an error of no file hides no error of a file, and is told once, where a file does not parse and where it does', async () => {
  const files = { 'tsconfig.json': tsconfig({ lib: ['es5'] }), 'src/all.ts': 'export function* all() {\n  yield 1;\n}\n', 'src/wrong.ts': 'export const a: string = 1;\n' };
  const errors = ["tsconfig.json:null:null error TS2318 Cannot find global type 'IterableIterator'.", "src/wrong.ts:1:14 error TS2322 Type 'number' is not assignable to type 'string'."];
  const told = async (more: Files): Promise<string[]> => tell((await check({ ...files, ...more }, { typescript: 'typescript7' })).run).filter((line) => line.includes(' error TS')).sort();
  expect(await told({})).toEqual([...errors].sort());
  expect(await told({ 'src/broken.ts': 'export const = 1;\n' })).toEqual([...errors].sort());
});
