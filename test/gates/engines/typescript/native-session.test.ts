import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NativeSession } from '../../../../gates/engines/typescript/native-kept.ts';
import { makeProject, REPOSITORY, type Project } from '../../../rig/project.ts';

const OPTIONS = { strict: true, target: 'es2022', lib: ['es5'], module: 'nodenext', types: [], noEmit: true, skipLibCheck: true, resolveJsonModule: true, allowImportingTsExtensions: true };
const FILES = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }),
  'src/base.ts': 'export const one = (n: number) => n + 1;\nexport function two() {\n  return one(1);\n}\n',
  'src/middle.ts': "import { two } from './base.ts';\n\nexport function three(): number {\n  return two();\n}\nexport const four = two();\n",
  'src/top.ts': "import { three } from './middle.ts';\n\nexport const five: number = three();\n",
  'src/other.ts': 'export {};\n',
};
const ALL = ['src/base.ts', 'src/middle.ts', 'src/other.ts', 'src/top.ts'];
const BELOW = ['src/base.ts', 'src/middle.ts', 'src/top.ts'];

interface Answer {
  readonly diagnostics: readonly { readonly file: string | null; readonly line: number | null; readonly code: number; readonly message: string }[];
  readonly files: readonly string[];
  readonly asked: readonly string[];
}

const SCRIPT = path.join(REPOSITORY, 'gates/engines/typescript/native-session.js');

/** A kept session. `look` holds its answer against that of one made anew, and says what it asked the compiler about. */
async function watch(project: Project) {
  const args = [path.join(REPOSITORY, 'node_modules/typescript7'), project.root, path.join(project.root, 'tsconfig.json')];
  const session = await NativeSession.start({ script: SCRIPT, args, cwd: project.root, environment: process.env });
  if (session === null) throw new Error('the session could not be started');
  const own = (files: readonly string[]): string[] => files.filter((file) => file.startsWith(`${project.root}/src/`)).map((file) => path.relative(project.root, file)).sort();
  const linesOf = ({ diagnostics }: Answer): string[] => diagnostics.map(({ file, line, code, message }) => `${path.relative(project.root, file ?? '')}:${String(line)} ${String(code)} ${message}`).sort();
  const ask = async (): Promise<Answer> => JSON.parse((await session.ask(AbortSignal.timeout(60_000))) ?? 'null') as Answer;
  const look = async (): Promise<{ asked: string[]; found: string[] }> => {
    const kept = await ask();
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args], { cwd: project.root });
    const fresh = JSON.parse(stdout) as Answer;
    expect({ found: linesOf(kept), files: own(kept.files) }).toEqual({ found: linesOf(fresh), files: own(fresh.files) });
    return { asked: own(kept.asked), found: linesOf(kept) };
  };
  return { look, find: async () => linesOf(await ask()), [Symbol.dispose]: () => { session[Symbol.dispose](); } };
}

test.each<[what: string, before: Record<string, string>, edit: Record<string, string | null>, asked: readonly string[]]>([
  ['nothing', {}, {}, []],
  ['a type that is imported', {}, { 'src/base.ts': FILES['src/base.ts'].replace('return one(1)', "return 'two'") }, BELOW],
  ['a file that nobody imports', {}, { 'src/top.ts': `${FILES['src/top.ts']}export const six: string = five;\n` }, ['src/top.ts']],
  ['a new file', {}, { 'src/new.ts': 'export const n: string = 1;\n' }, [...ALL, 'src/new.ts'].sort()],
  ['a file that is gone', {}, { 'src/base.ts': null }, ['src/middle.ts', 'src/other.ts', 'src/top.ts']],
  ['a file that was missing', { 'src/base.ts': "export { two } from '../lib/later.ts';\n" }, { 'lib/later.ts': 'export const two = () => 2;\n' }, BELOW],
  ['what nobody has types for', { 'src/other.ts': "export { late } from './late.js';\n" }, { 'src/late.js': 'export const late = 1;\n' }, ['src/other.ts']],
  ['a source that is found before a declaration', { 'src/other.ts': "export { late } from '../lib/late.js';\n", 'lib/late.d.ts': 'export declare const late: string;\n' }, { 'lib/late.ts': 'export const late: string = 1;\n' }, ['src/other.ts']],
  ['rubble, and back', {}, { 'src/base.ts': 'export const = ;\n' }, BELOW],
  ['a global', {}, { 'src/base.ts': 'declare global {\n  interface String {\n    loud: boolean;\n  }\n}\nexport function two() {\n  return 1;\n}\n' }, ALL],
  ['declarations of a package', { 'node_modules/tiny/package.json': '{ "name": "tiny", "types": "./index.d.ts" }', 'node_modules/tiny/index.d.ts': 'export declare const x: number;\n', 'src/other.ts': "import { x } from 'tiny';\n\nexport const y: number = x;\n" }, { 'node_modules/tiny/index.d.ts': 'export declare const x: string;\n' }, ALL],
  ['where a package says its types are', { 'node_modules/tiny/package.json': '{ "name": "tiny", "types": "./a.d.ts" }', 'node_modules/tiny/a.d.ts': 'export declare const x: number;\n', 'node_modules/tiny/b.d.ts': 'export declare const x: string;\n', 'src/other.ts': "import { x } from 'tiny';\n\nexport const y: number = x;\n" }, { 'node_modules/tiny/package.json': '{ "name": "tiny", "types": "./b.d.ts" }' }, ALL],
  ['options', {}, { 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, noUnusedLocals: true }, include: ['src'] }), 'src/other.ts': 'const unused = 1;\nexport {};\n' }, ALL],
  ['a fault of the configuration that changes no option', {}, { 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, colour: true }, include: ['src'] }) }, ALL],
  ['what is inherited', { 'tsconfig.json': '{ "extends": "./base.json", "include": ["src"] }', 'base.json': JSON.stringify({ compilerOptions: OPTIONS }) }, { 'base.json': JSON.stringify({ compilerOptions: { ...OPTIONS, strict: false } }) }, ALL],
  ['JSON', { 'src/list.json': '{ "a": 1 }', 'src/other.ts': "import list from './list.json' with { type: 'json' };\n\nexport const a: number = list.a;\n" }, { 'src/list.json': '{ "a": "1" }' }, ['src/list.json', 'src/other.ts']],
  ['a manifest that is new', { 'package.json': '{}', 'src/other.ts': "export const url: string = import.meta.url;\n" }, { 'src/package.json': '{ "type": "module" }' }, ALL],
])('TypeScript 7, after a change of %s: asks about what it may concern, and finds the same as anew', async (_, before, edit, asked) => {
  await using project = await makeProject({ ...FILES, ...before });
  using watched = await watch(project);
  const found = await watched.find();
  for (const [file, text] of Object.entries(edit)) await (text === null ? project.remove(file) : project.write({ [file]: text }));
  expect((await watched.look()).asked).toEqual(asked);
  for (const file of Object.keys(edit)) if (!(file in FILES) && !(file in before)) await project.remove(file);
  await project.write({ ...FILES, ...before });
  expect(await watched.find()).toEqual(found);
});

test('a session that was killed gives no answer, and one that is let go leaves no process', async () => {
  await using project = await makeProject(FILES);
  const args = [path.join(REPOSITORY, 'node_modules/typescript7'), project.root, path.join(project.root, 'tsconfig.json')];
  const session = await NativeSession.start({ script: SCRIPT, args, cwd: project.root, environment: process.env });
  expect(await session?.ask(AbortSignal.timeout(60_000))).toMatch(/^\{"diagnostics":\[\]/);
  expect(await session?.ask(AbortSignal.abort())).toBeNull();
  expect(await session?.ask(AbortSignal.timeout(60_000))).toBeNull();
  const left = async (): Promise<string> => (await promisify(execFile)('ps', ['-eo', 'args'])).stdout.split('\n').filter((line) => line.includes(project.root)).join('\n');
  await expect.poll(left, { timeout: 30_000 }).toBe('');
});
