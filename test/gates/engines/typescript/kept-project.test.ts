import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectDiagnostics } from '../../../../gates/engines/typescript/diagnostics.ts';
import { describeDiagnostics } from '../../../../gates/engines/typescript/findings.ts';
import { programOf } from '../../../../gates/engines/typescript/program.ts';
import { FileStates } from '../../../../src/system/file-states.ts';
import { makeProject, REPOSITORY, type Project } from '../../../rig/project.ts';

const OPTIONS = { strict: true, target: 'es2022', lib: ['es5'], module: 'nodenext', types: [], noEmit: true, skipLibCheck: true, resolveJsonModule: true, allowImportingTsExtensions: true };
const SETUP = { 'package.json': '{ "type": "module" }', 'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }) };

const FILES = {
  ...SETUP,
  'src/base.ts': 'export const one = (n: number) => n + 1;\nexport function two() {\n  return one(1);\n}\n',
  'src/middle.ts': "import { two } from './base.ts';\n\nexport function three(): number {\n  return two();\n}\nexport const four = two();\n",
  'src/top.ts': "import { three } from './middle.ts';\n\nexport const five: number = three();\n",
  'src/user.ts': "import { four } from './middle.ts';\n\nexport const six: number = four;\n",
  'src/other.ts': 'export {};\n',
};

/** With these, functions can be asynchronous. */
const PROMISES = { 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, lib: ['es2022'] }, include: ['src'] }) };

interface Looked {
  /** What had to be checked, by name. */
  readonly checked: readonly string[];
  readonly diagnostics: readonly string[];
}

/** Looks at a project again and again, as a kept lane does, and each time holds it against a program made anew. */
function watcher(project: Project, typescript: string): () => Looked {
  const lane = new Map<string, unknown>();
  const thread = { guard: () => undefined, watch: () => undefined };
  const files = new FileStates();
  const request = { typescriptFolder: path.join(REPOSITORY, 'node_modules', typescript), config: path.join(project.root, 'tsconfig.json'), root: project.root, isCancelled: () => false };
  let run = 0;
  const linesOf = (found: ReturnType<typeof programOf>): string[] =>
    describeDiagnostics(found.ts, collectDiagnostics(found, () => false)).map(({ file, line, code, message }) => `${path.relative(project.root, file ?? '')}:${String(line)} ${String(code)} ${message}`).sort();
  return () => {
    run += 1;
    const found = programOf(lane, { ...request, kept: { run, tree: null, files, thread } });
    const own = found.program.getSourceFiles().map(({ fileName }) => fileName).filter((name) => name.startsWith(`${project.root}/`) && !name.endsWith('.json'));
    const checked = own.filter((name) => found.checked?.semantic.has(name) !== true).map((name) => path.relative(project.root, name)).sort();
    const diagnostics = linesOf(found);
    expect(diagnostics).toEqual(linesOf(programOf(new Map(), { ...request, kept: null })));
    return { checked, diagnostics };
  };
}

const RUBBLE = 'export const = ;\n';
const ALL = ['src/base.ts', 'src/middle.ts', 'src/other.ts', 'src/top.ts', 'src/user.ts'];

describe.each(['typescript', 'typescript5'])('%s', (typescript) => {
  test.each<[what: string, before: Record<string, string>, edit: Record<string, string | null>, checked: readonly string[]]>([
    ['nothing', {}, {}, []],
    ['the same text again', {}, { 'src/base.ts': FILES['src/base.ts'] }, []],
    ['a body', {}, { 'src/base.ts': FILES['src/base.ts'].replace('return one(1)', 'const n = 1;\n  return one(n)') }, ['src/base.ts']],
    ['a local', {}, { 'src/base.ts': `${FILES['src/base.ts']}const local = 1;\nvoid local;\n` }, ['src/base.ts']],
    ['an inferred type, as far as it shows', {}, { 'src/base.ts': FILES['src/base.ts'].replace('return one(1)', "return 'two'") }, ['src/base.ts', 'src/middle.ts', 'src/user.ts']],
    ['a name that is gone', {}, { 'src/middle.ts': FILES['src/middle.ts'].replace('four', 'vier') }, ['src/middle.ts', 'src/user.ts']],
    ['a name more', {}, { 'src/middle.ts': `${FILES['src/middle.ts']}export const seven = 7;\n` }, ['src/middle.ts']],
    ['a name that only one asks for', { 'src/other.ts': "import * as middle from './middle.ts';\n\nexport const nine = middle.three();\n" }, { 'src/middle.ts': FILES['src/middle.ts'].replace('four = two()', "four = 'four'") }, ['src/middle.ts', 'src/user.ts']],
    ['a name of a namespace that stands for itself', { 'src/other.ts': "import * as middle from './middle.ts';\n\nexport const all = { middle };\n" }, { 'src/middle.ts': `${FILES['src/middle.ts']}export const seven = 7;\n` }, ['src/middle.ts', 'src/other.ts']],
    ['a name that nobody takes of a module that is imported in passing', { ...PROMISES, 'src/other.ts': "export async function nine(): Promise<number> {\n  const middle = await import('./middle.ts');\n  return middle.three();\n}\n", 'src/user.ts': "export async function six(): Promise<number> {\n  const { four: vier } = await import('./middle.ts');\n  return vier;\n}\n" }, { 'src/middle.ts': `${FILES['src/middle.ts']}export const seven = 7;\n` }, ['src/middle.ts']],
    ['a name that is taken of a module that is imported in passing', { ...PROMISES, 'src/other.ts': "export async function nine(): Promise<number> {\n  const middle = await import('./middle.ts');\n  return middle.four;\n}\n", 'src/user.ts': "export async function six(): Promise<number> {\n  const { four: vier } = await import('./middle.ts');\n  return vier;\n}\n" }, { 'src/middle.ts': FILES['src/middle.ts'].replace('four = two()', "four = 'four'") }, ['src/middle.ts', 'src/other.ts', 'src/user.ts']],
    ['a module that is imported in passing, and waited for because it has come to be a promise', { ...PROMISES, 'src/other.ts': "export const middle = async () => {\n  const it = await import('./middle.ts');\n  return it.four;\n};\n" }, { 'src/middle.ts': `${FILES['src/middle.ts']}export const then = (give: (value: { four: string }) => void): void => {\n  give({ four: 'four' });\n};\n` }, ['src/middle.ts', 'src/other.ts']],
    ['a name of a namespace within another', { 'src/other.ts': "export * as deep from './base.ts';\n", 'src/top.ts': "import * as other from './other.ts';\n\nexport const five: number = other.deep.two();\n" }, { 'src/base.ts': FILES['src/base.ts'].replace('n + 1', "Number(`${n}`)").replace('one = ', 'uno = ').replace('one(1)', 'uno(1)') }, ['src/base.ts', 'src/other.ts']],
    ['a name of a namespace, by the letters of which members and locals go', { 'src/other.ts': "import * as middle from './middle.ts';\n\nexport interface Other {\n  middle: typeof middle.four;\n}\nexport function nine(it: Other): unknown {\n  const { middle } = it;\n  return [middle, it.middle];\n}\n", 'src/top.ts': "import * as other from './other.ts';\n\nexport const five = (other: { other: 1 }): number => other.other;\nexport const ten = other.nine;\n" }, { 'src/middle.ts': `${FILES['src/middle.ts']}export const seven = 7;\n` }, ['src/middle.ts']],
    ['a name of a namespace that goes under its own letters, too', { 'src/other.ts': "import * as middle from './middle.ts';\n\nexport const nine = { middle };\n", 'src/top.ts': "import { nine } from './other.ts';\n\nexport const five = nine.middle;\n" }, { 'src/middle.ts': `${FILES['src/middle.ts']}export const seven = 7;\n` }, ['src/middle.ts', 'src/other.ts', 'src/top.ts']],
    ['a name behind a star', { 'src/other.ts': "export * from './base.ts';\n", 'src/top.ts': "import { one } from './other.ts';\n\nexport const five: number = one(1);\n" }, { 'src/base.ts': FILES['src/base.ts'].replace('n + 1', "'n'") }, ['src/base.ts', 'src/middle.ts', 'src/other.ts', 'src/top.ts', 'src/user.ts']],
    ['a comment that rules read', { 'src/other.ts': "export { two as zwei } from './base.ts';\n", 'src/top.ts': "import { zwei } from './other.ts';\n\nexport const five: number = zwei();\n" }, { 'src/other.ts': "/** @deprecated use two */\nexport { two as zwei } from './base.ts';\n" }, ['src/other.ts', 'src/top.ts']],
    ['a file that nobody imports', {}, { 'src/new.ts': 'export const n: string = 1;\n' }, ['src/new.ts']],
    ['a file that is gone', {}, { 'src/base.ts': null }, ['src/middle.ts', 'src/user.ts']],
    ['a file that was missing', { 'src/base.ts': "export { two } from './later.ts';\n" }, { 'src/later.ts': 'export const two = () => 2;\n' }, ['src/base.ts', 'src/later.ts', 'src/middle.ts', 'src/user.ts']],
    ['rubble', {}, { 'src/base.ts': RUBBLE }, ['src/base.ts', 'src/middle.ts', 'src/user.ts']],
    ['a global', {}, { 'src/global.d.ts': 'declare const EVERYWHERE: number;\n' }, [...ALL, 'src/global.d.ts'].sort()],
    ['a global that becomes a module', { 'src/global.d.ts': 'declare const everywhere: number;\n' }, { 'src/global.d.ts': 'export declare const nowhere: number;\n' }, [...ALL, 'src/global.d.ts'].sort()],
    ['an augmentation', {}, { 'src/other.ts': "import './base.ts';\n\ndeclare global {\n  interface String {\n    loud: boolean;\n  }\n}\n" }, ALL],
    ['declarations of a package', { 'node_modules/tiny/package.json': '{ "name": "tiny", "types": "./index.d.ts" }', 'node_modules/tiny/index.d.ts': 'export declare const x: number;\n', 'src/other.ts': "import { x } from 'tiny';\n\nexport const y: number = x;\n" }, { 'node_modules/tiny/index.d.ts': 'export declare const x: string;\n' }, ['node_modules/tiny/index.d.ts', ...ALL]],
    ['options', {}, { 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, strict: false }, include: ['src'] }) }, ALL],
    ['what is inherited', { 'tsconfig.json': '{ "extends": "./base.json", "include": ["src"] }', 'base.json': JSON.stringify({ compilerOptions: OPTIONS }) }, { 'base.json': JSON.stringify({ compilerOptions: { ...OPTIONS, noUnusedLocals: true } }) }, ALL],
    ['JSON', { 'src/list.json': '{ "a": 1 }', 'src/other.ts': "import list from './list.json' with { type: 'json' };\n\nexport const a: number = list.a;\n" }, { 'src/list.json': '{ "a": "1" }' }, ['src/other.ts']],
    ['a file that is no longer checked', { 'src/base.ts': 'export const two = (): number => "2";\n' }, { 'src/base.ts': '// @ts-nocheck\nexport const two = (): number => "2";\n' }, ['src/base.ts']],
    ['a source that is found before a declaration', { 'src/other.ts': "export { late } from './late.js';\n", 'src/late.d.ts': 'export declare const late: string;\n' }, { 'src/late.ts': 'export const late = 1;\n' }, ['src/late.ts', 'src/other.ts']],
  ])('after a change of %s only what it affects is checked, and found to be the same', async (_, before, edit, checked) => {
    await using project = await makeProject({ ...FILES, ...before });
    const look = watcher(project, typescript);
    expect(look().checked).toEqual(expect.arrayContaining(ALL));
    for (const [file, text] of Object.entries(edit)) await (text === null ? project.remove(file) : project.write({ [file]: text }));
    expect(look().checked).toEqual(checked);
    // What does not parse is not checked, and so never known.
    expect(look().checked).toEqual(edit['src/base.ts'] === RUBBLE ? ['src/base.ts'] : []);
    for (const [file, text] of Object.entries({ ...FILES, ...before })) await project.write({ [file]: text });
    look();
  });
});

test('what declarations leave out but others notice counts as seen', async () => {
  await using project = await makeProject({
    ...SETUP,
    'src/guard.ts': 'export function stop(): never {\n  throw new Error();\n}\n',
    'src/store.ts': 'export class Store {\n  private parts: number[] = [];\n  size(): number {\n    return this.parts.length;\n  }\n}\n',
    'src/user.ts': "import { stop } from './guard.ts';\nimport { Store } from './store.ts';\n\nexport function f(x?: string): string {\n  if (x === undefined) stop();\n  return x;\n}\nexport const parts: number[] = new Store()['parts'];\n",
  });
  const look = watcher(project, 'typescript');
  expect(look().diagnostics).toEqual([]);
  await project.write({ 'src/guard.ts': 'export const stop = () => {\n  throw new Error();\n};\n' });
  expect(look().diagnostics).toEqual(["src/user.ts:6 2322 Type 'string | undefined' is not assignable to type 'string'.\n  Type 'undefined' is not assignable to type 'string'."]);
  await project.write({ 'src/guard.ts': 'export function stop(): never {\n  throw new Error();\n}\n', 'src/store.ts': 'export class Store {\n  private parts: string[] = [];\n  size(): number {\n    return this.parts.length;\n  }\n}\n' });
  expect(look().diagnostics).toEqual(["src/user.ts:8 2322 Type 'string[]' is not assignable to type 'number[]'.\n  Type 'string' is not assignable to type 'number'."]);
});

test('a change shows through declarations that stay the same by their text', async () => {
  await using project = await makeProject({
    ...SETUP,
    'src/a.ts': 'export interface A {\n  readonly x: number;\n}\n',
    'src/b.ts': "import type { A } from './a.ts';\n\nexport const b = (): A => ({ x: 1 });\n",
    'src/c.ts': "import { b } from './b.ts';\n\nexport const c = b;\n",
    'src/d.ts': "import { c } from './c.ts';\n\nexport const d: number = c().x;\n",
  });
  const look = watcher(project, 'typescript');
  look();
  await project.write({ 'src/a.ts': 'export interface A {\n  readonly x: string;\n}\n' });
  const { checked, diagnostics } = look();
  expect(checked).toEqual(['src/a.ts', 'src/b.ts', 'src/c.ts', 'src/d.ts']);
  expect(diagnostics.map((line) => line.split('\n')[0])).toEqual(["src/b.ts:3 2322 Type 'number' is not assignable to type 'string'.", "src/d.ts:3 2322 Type 'string' is not assignable to type 'number'."]);
});

test('sources of referenced projects are followed, too', async () => {
  const composite = { compilerOptions: { ...OPTIONS, noEmit: false, composite: true, declaration: true, emitDeclarationOnly: true, outDir: 'dist' }, include: ['src'] };
  await using project = await makeProject({
    'package.json': '{ "type": "module" }',
    'core/tsconfig.json': JSON.stringify(composite),
    'core/src/core.ts': 'export const core = (): number => 1;\n',
    'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'], references: [{ path: './core' }] }),
    'src/user.ts': "import { core } from '../core/src/core.ts';\n\nexport const x: number = core();\n",
  });
  const look = watcher(project, 'typescript');
  expect(look().diagnostics).toEqual([]);
  await project.write({ 'core/src/core.ts': 'export const core = (): string => "1";\n' });
  expect(look().diagnostics).toEqual(["src/user.ts:3 2322 Type 'string' is not assignable to type 'number'."]);
  await project.write({ 'core/src/core.ts': 'export const core = (): number => 1;\nexport const more = 1;\n', 'core/src/more.ts': 'export const y = 1;\n' });
  expect(look().diagnostics).toEqual([]);
});
