import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkProject } from '../../../../gates/engines/typescript/check-project.ts';
import { startingPoint } from '../../../../gates/engines/typescript/native-memory.ts';
import type { CheckOutcome } from '../../../../src/model/check.ts';
import type { KeptLane } from '../../../../src/model/run-context.ts';
import { FileStates } from '../../../../src/system/file-states.ts';
import { discoverWorkspace } from '../../../../src/workspace/discover.ts';
import { createRunContext } from '../../../../workers/run-context.ts';
import { systemTestEnvironment } from '../../../rig/environment.ts';
import { makeProject, REPOSITORY, type Project } from '../../../rig/project.ts';

/** Writes declarations, as most projects do, and has a library that lacks what some syntax needs. */
const OPTIONS = { strict: true, target: 'es2022', lib: ['es5'], module: 'nodenext', types: [], outDir: 'out', skipLibCheck: true };
const FILES = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }),
  'src/wheel.ts': 'export class Wheel {\n  private spokes: number = 36;\n  size = 28;\n}\n',
  'src/bicycle.ts': "import { Wheel } from './wheel.js';\n\nexport const spokes: number = new Wheel()['spokes'];\n",
  'src/shop.ts': "import { spokes } from './bicycle.js';\n\nexport const stock = spokes + 1;\n",
  'src/part.ts': 'export interface Part {\n  name: string;\n}\n',
  'src/use.ts': "import type { Part } from './part.js';\n\nexport const extraOf = (part: Part) => part.name;\n",
  'src/extra.ts': "import type { Part } from './part.js';\n\ndeclare module './part.js' {\n  interface Part {\n    extra?: string;\n  }\n}\n\nexport type Extra = Part;\n",
};

/** Null: gone. */
type Files = Readonly<Record<string, string | null>>;

interface Looked {
  /** For each time that the compiler was started, whether it began with what it knew. */
  readonly starts: readonly boolean[];
  readonly findings: readonly string[];
}

/** Checks a project again and again as a kept lane does, and each time holds it against a check by a new one. */
async function watcher(project: Project): Promise<{ look: (meanwhile?: () => Promise<void>) => Promise<Looked> } & AsyncDisposable> {
  const tempRoot = await mkdtemp(path.join(path.dirname(project.root), 'temp-'));
  const lane = new Map<string, unknown>();
  const kept: KeptLane = { run: 1, tree: null, files: new FileStates(), thread: { guard: () => undefined, watch: () => undefined } };
  const params = { config: 'tsconfig.json', typescript: { folder: path.join(REPOSITORY, 'node_modules/typescript7'), version: '7.0.2' }, hasReferences: false };
  const check = async (memory: { lane: Map<string, unknown>; kept?: KeptLane }, starts: boolean[], meanwhile?: () => Promise<void>): Promise<string[]> => {
    const workspace = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
    const context = createRunContext({ workspace, environment: systemTestEnvironment(), signal: new AbortController().signal, isCancelled: () => false, slots: 1, tempRoot, ...memory });
    return textsOf(await checkProject(params, {
      ...context,
      subprocess: async (request) => {
        const at = request.args.indexOf('--tsBuildInfoFile');
        if (at !== -1) starts.push(existsSync(request.args[at + 1] ?? ''));
        const result = await context.subprocess(request);
        await meanwhile?.();
        return result;
      },
    }));
  };
  return {
    look: async (meanwhile) => {
      const starts: boolean[] = [];
      const findings = await check({ lane, kept }, starts, meanwhile);
      expect(findings).toEqual(await check({ lane: new Map() }, []));
      return { starts, findings };
    },
    [Symbol.asyncDispose]: () => rm(tempRoot, { recursive: true, force: true }),
  };
}

function textsOf(outcome: CheckOutcome): string[] {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.findings.map(({ file, rule }) => `${file ?? ''} ${rule}`).sort();
}

/** Longer ago than a file system may be wrong by: what was written just before it is looked at is not kept. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100));

describe('what a lane remembers of a project of TypeScript 7', () => {
  test('is begun with as long as nothing that all may depend on has changed, and finds what a check of everything finds', async () => {
    await using project = await makeProject(FILES, { git: true });
    await using watched = await watcher(project);
    const after = async (files: Readonly<Record<string, string>>): Promise<Looked> => {
      await project.write(files);
      await settle();
      return watched.look();
    };
    const wheel = (type: string, value: string): string => `export class Wheel {\n  private spokes: ${type} = ${value};\n  size = 28;\n}\n`;
    expect(await after({})).toEqual({ starts: [false], findings: [] });
    expect(await after({ 'src/shop.ts': "import { spokes } from './bicycle.js';\n\nexport const stock: string = spokes;\n" })).toEqual({ starts: [true], findings: ['src/shop.ts TS2322'] });
    // A private member is not in the declarations, which stay the same.
    expect(await after({ 'src/wheel.ts': wheel('number', '32') })).toEqual({ starts: [true], findings: ['src/shop.ts TS2322'] });
    expect(await after({ 'src/wheel.ts': wheel('string', "'many'") })).toEqual({ starts: [true], findings: ['src/bicycle.ts TS2322', 'src/shop.ts TS2322'] });
    expect(await after({ 'src/wheel.ts': wheel('number', '32') })).toEqual({ starts: [true], findings: ['src/shop.ts TS2322'] });
    // A file that is no part of the program makes another error of it.
    expect(await after({ 'src/shop.ts': "import { bell } from './bell.js';\n\nexport const stock = bell;\n" })).toEqual({ starts: [true], findings: ['src/shop.ts TS2307'] });
    expect(await after({ 'src/bell.js': 'export const bell = 1;\n' })).toEqual({ starts: [true], findings: ['src/shop.ts TS7016'] });
    expect(await after({ 'src/bell.ts': 'export const bell = 1;\n' })).toEqual({ starts: [true], findings: [] });
    await project.remove('src/bell.ts');
    expect(await after({})).toEqual({ starts: [true], findings: ['src/shop.ts TS7016'] });
    // What an augmentation adds is seen by who does not import it.
    expect(await after({ 'src/use.ts': "import type { Part } from './part.js';\n\nexport const extraOf = (part: Part) => part.extra;\n" })).toMatchObject({ starts: [true] });
    expect(await after({ 'src/extra.ts': 'export type Extra = string;\n' })).toEqual({ starts: [false], findings: ['src/shop.ts TS7016', 'src/use.ts TS2339'] });
    expect(await after({ 'src/more.ts': FILES['src/extra.ts'] })).toEqual({ starts: [true, false], findings: ['src/shop.ts TS7016'] });
    // An error of no file.
    expect(await after({ 'src/all.ts': 'export function* all() {\n  yield 1;\n}\n' })).toMatchObject({ starts: [true, false], findings: expect.arrayContaining(['tsconfig.json TS2318']) as unknown });
    await project.remove('src/all.ts');
    expect((await after({})).findings).toEqual(['src/shop.ts TS7016']);
    // A file that does not parse is another engine's; what was known stays.
    expect(await after({ 'src/use.ts': 'export const = 1;\n' })).toMatchObject({ starts: [true] });
    expect(await after({ 'src/use.ts': 'export const used = 1;\n' })).toEqual({ starts: [true], findings: ['src/shop.ts TS7016'] });
    expect(await after({ 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, strict: false, noUnusedLocals: true }, include: ['src'] }) })).toMatchObject({ starts: [false] });
  });

  test.each<[what: string, starts: boolean[], files: Files, change: Files, findings: string[]]>([
    ['a file that a barrel passes on is gone', [true], { 'src/one.ts': 'export const one = 1;\n', 'src/barrel.ts': "export * from './one.js';\n", 'src/more.ts': "export * from './barrel.js';\n", 'src/last.ts': "import { one } from './more.js';\n\nexport const last = one;\n" }, { 'src/one.ts': null }, ['src/barrel.ts TS2307', 'src/last.ts TS2305']],
    ['a script that all see', [false], { 'src/all.ts': 'interface City {\n  size: number;\n}\n', 'src/last.ts': 'export const sizeOf = (city: City): number => city.size;\n' }, { 'src/all.ts': 'interface City {\n  size: string;\n}\n' }, ['src/last.ts TS2322']],
    ['a script that becomes a module', [false], { 'src/all.ts': 'interface City {\n  size: number;\n}\n', 'src/last.ts': 'export const sizeOf = (city: City): number => city.size;\n' }, { 'src/all.ts': 'export interface City {\n  size: number;\n}\n' }, ['src/last.ts TS2304']],
    ['globals of a module, with a comment between', [false], { 'src/all.ts': 'export {};\ndeclare /* here */ global {\n  interface City {\n    size: number;\n  }\n}\n', 'src/last.ts': 'export const sizeOf = (city: City): number => city.size;\n' }, { 'src/all.ts': 'export {};\n' }, ['src/last.ts TS2304']],
    ['a script without code', [false], { 'src/empty.ts': '', 'src/last.ts': "import './empty.js';\n" }, { 'src/empty.ts': null }, ['src/last.ts TS2882']],
    ['the format of files below a package.json', [false], { 'src/inner/package.json': '{ "type": "module" }', 'src/inner/one.mts': 'export const one = 1;\n', 'src/last.ts': "import { one } from './inner/one.mjs';\n\nexport const last = one;\n" }, { 'src/inner/package.json': '{ "type": "commonjs" }' }, []],
    ['a circle of base types', [true, false], { 'src/last.ts': 'export interface Ring {\n  size: number;\n}\n' }, { 'src/last.ts': 'export interface Ring extends Ring {\n  size: number;\n}\n' }, ['src/last.ts TS2310']],
  ])('is begun with, or not, as it takes to find the same: %s', async (_, starts, files, change, findings) => {
    const whole = Object.fromEntries(Object.entries(files).map(([file, text]) => [file, text ?? '']));
    await using project = await makeProject({ 'package.json': FILES['package.json'], 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, moduleDetection: 'legacy' }, include: ['src'] }), ...whole }, { git: true });
    await using watched = await watcher(project);
    await settle();
    expect(await watched.look()).toEqual({ starts: [false], findings: [] });
    for (const [file, text] of Object.entries(change)) await (text === null ? project.remove(file) : project.write({ [file]: text }));
    await settle();
    expect(await watched.look()).toEqual({ starts, findings });
  });

  test('is not kept of a project that changes while it is checked', async () => {
    await using project = await makeProject(FILES, { git: true });
    await using watched = await watcher(project);
    await settle();
    await watched.look();
    await watched.look(() => project.write({ 'src/shop.ts': 'export const stock = 2;\n' }));
    expect(await watched.look()).toEqual({ starts: [false], findings: [] });
  });

  test('is not kept where a declaration file names a source: what comes through it is not seen to change', async () => {
    const files = { 'src/shelf.d.ts': "export { stock } from './shop.js';\n", 'src/order.ts': "import { stock } from './shelf.js';\n\nexport const ordered: number = stock;\n" };
    await using project = await makeProject({ ...FILES, ...files }, { git: true });
    await using watched = await watcher(project);
    await settle();
    expect(await watched.look()).toEqual({ starts: [false], findings: [] });
    await project.write({ 'src/shop.ts': "export const stock = 'many';\n" });
    await settle();
    expect(await watched.look()).toEqual({ starts: [false], findings: ['src/order.ts TS2322'] });
    await project.remove('src/shelf.d.ts');
    await project.write({ 'src/order.ts': 'export const ordered = 1;\n' });
    await settle();
    await watched.look();
    expect(await watched.look()).toEqual({ starts: [true], findings: [] });
    await project.write(files);
    await settle();
    expect(await watched.look()).toEqual({ starts: [true, false], findings: ['src/order.ts TS2322'] });
  });

  test.each(['', '{', '[]', '{"fileNames":[],"fileInfos":[1]}', '{"fileNames":[],"fileInfos":[],"semanticDiagnosticsPerFile":[1]}', '{"fileNames":[],"fileInfos":[],"emitDiagnosticsPerFile":[]}', '{"fileNames":[],"fileInfos":[],"checkPending":true}'])('is none where it is not in the form that we know: %s', (text) => {
    expect(startingPoint(text, '/')).toBe(null);
  });
});
