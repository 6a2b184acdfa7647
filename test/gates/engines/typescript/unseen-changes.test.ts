import { test } from 'vitest';
import { makeProject } from '../../../rig/project.ts';
import { LIB, OPTIONS, Watch } from './watch-types.ts';

// Changes that declarations do not show, or show elsewhere than where they matter. Each was once, or nearly, overlooked.

const MORE = `interface ReadonlyArray<T> { readonly length: number; readonly [index: number]: T }
declare function Symbol(): symbol; interface SymbolConstructor {} interface Symbol {}
interface TemplateStringsArray {}
type Pick<T, K extends keyof T> = { [P in K]: T[P] }; type Partial<T> = { [P in keyof T]?: T[P] };
declare class Error { message: string; constructor(m?: string) }
interface TypedPropertyDescriptor<T> { value?: T }
interface PromiseLike<T> { then(f: (x: T) => void): void } interface Promise<T> { then(f: (x: T) => void): void }
`;

interface Setting {
  readonly options?: object;
  readonly typescript?: string;
  /** Of tsconfig.json. */
  readonly raw?: object;
}

function sees(what: string, files: Readonly<Record<string, string>>, edit: Readonly<Record<string, string>>, { options = {}, typescript, raw = {} }: Setting = {}): void {
  test(what, async () => {
    await using project = await makeProject({ 'package.json': '{ "type": "module" }', 'tsconfig.json': JSON.stringify({ compilerOptions: { ...OPTIONS, ...options }, include: ['src'], ...raw }), 'src/lib.d.ts': LIB + MORE, ...files });
    const watch = new Watch(project, typescript);
    watch.look('before');
    await project.write(edit);
    watch.look('after');
  });
}

sees('import type -> import, export local', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "import { A } from './a.ts';\nexport { A };\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "import type { A } from './a.ts';\nexport { A };\n" });
sees('export -> export type from', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "export { A } from './a.ts';\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "export type { A } from './a.ts';\n" });
sees('export local -> export type local', { 'src/mid.ts': "class A {}\nexport { A };\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "class A {}\nexport type { A };\n" });
sees('export { type A }', { 'src/mid.ts': "class A {}\nexport { A };\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "class A {}\nexport { type A };\n" });
sees('export * -> export type *', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "export * from './a.ts';\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "export type * from './a.ts';\n" });
sees('import type * as ns', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "import * as ns from './a.ts';\nexport { ns };\n", 'src/user.ts': "import { ns } from './mid.ts';\nexport const a = new ns.A();\n" }, { 'src/mid.ts': "import type * as ns from './a.ts';\nexport { ns };\n" });
sees('export type * as ns', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "export * as ns from './a.ts';\n", 'src/user.ts': "import { ns } from './mid.ts';\nexport const a = new ns.A();\n" }, { 'src/mid.ts': "export type * as ns from './a.ts';\n" });
sees('import type default export', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "import { A } from './a.ts';\nexport default A;\n", 'src/user.ts': "import A from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "import type { A } from './a.ts';\nexport default A;\n" });
const REACT = "export function createElement(x: unknown, y: unknown): number { return 1; }\nexport namespace JSX {\n  export interface Element {}\n  export interface IntrinsicElements { div: { a?: number } }\n}\n";
sees('jsx namespace import', { 'src/React.ts': REACT, 'src/user.tsx': "import * as React from './React.ts';\nexport const x = <div a={1} />;\n" }, { 'src/React.ts': REACT.replace('a?: number', 'a?: string') }, { options: { jsx: 'react' } });
sees('jsx pragma', { 'src/h.ts': REACT.replace('createElement', 'h'), 'src/user.tsx': "/** @jsx p.h */\nimport * as p from './h.ts';\nexport const x = <div a={1} />;\n" }, { 'src/h.ts': REACT.replace('createElement', 'h').replace('a?: number', 'a?: string') }, { options: { jsx: 'react' } });
sees('jsx runtime', { 'src/jsx/jsx-runtime.ts': REACT.replace('createElement', 'jsx'), 'src/user.tsx': "export const x = <div a={1} />;\n" }, { 'src/jsx/jsx-runtime.ts': REACT.replace('createElement', 'jsx').replace('a?: number', 'a?: string') }, { options: { jsx: 'react-jsx', jsxImportSource: '@x', paths: { '@x/*': ['./src/jsx/*'] } } });
sees('#private variance', { 'src/a.ts': 'export class Box<T> {\n  #v?: T;\n}\n', 'src/user.ts': "import { Box } from './a.ts';\nexport const a: Box<string> = new Box<number>();\n" }, { 'src/a.ts': 'export class Box<T> {\n  #v?: unknown;\n}\n' });
sees('#private variance 2', { 'src/a.ts': 'export class Box<T> {\n  #v?: unknown;\n}\n', 'src/user.ts': "import { Box } from './a.ts';\nexport const a: Box<string> = new Box<number>();\n" }, { 'src/a.ts': 'export class Box<T> {\n  #v?: T;\n}\n' });
sees('private of local alias', { 'src/a.ts': 'type Parts = number;\nexport class Store {\n  private parts: Parts | undefined;\n}\n', 'src/user.ts': "import { Store } from './a.ts';\nexport const a: number | undefined = new Store()['parts'];\n" }, { 'src/a.ts': 'type Parts = string;\nexport class Store {\n  private parts: Parts | undefined;\n}\n' });
sees('private of local function', { 'src/a.ts': 'function make() {\n  return 1;\n}\nexport class Store {\n  private parts = make();\n}\n', 'src/user.ts': "import { Store } from './a.ts';\nexport const a: number = new Store()['parts'];\n" }, { 'src/a.ts': "function make() {\n  return '1';\n}\nexport class Store {\n  private parts = make();\n}\n" });
sees('private method of local function', { 'src/a.ts': 'export class Store {\n  private parts() {\n    return 1;\n  }\n}\n', 'src/user.ts': "import { Store } from './a.ts';\nexport const a: number = new Store()['parts']();\n" }, { 'src/a.ts': "export class Store {\n  private parts() {\n    return '1';\n  }\n}\n" });
sees('private by import', { 'src/m.ts': 'export const make = () => 1;\n', 'src/a.ts': "import { make } from './m.ts';\nexport class Store {\n  private parts = make();\n}\n", 'src/user.ts': "import { Store } from './a.ts';\nexport const a: number = new Store()['parts'];\n" }, { 'src/m.ts': "export const make = () => '1';\n" });
sees('enum initializer of const expression', { 'src/a.ts': 'export const BASE = 1 << 3;\n', 'src/user.ts': "import { BASE } from './a.ts';\nexport enum E {\n  A = BASE,\n}\nexport const e: E = 8;\n" }, { 'src/a.ts': 'export const BASE = 1 << 4;\n' });
sees('enum initializer via chain', { 'src/z.ts': 'export const Z = 1 + 2;\n', 'src/a.ts': "import { Z } from './z.ts';\nexport const BASE = Z + 1;\n", 'src/user.ts': "import { BASE } from './a.ts';\nexport enum E {\n  A = BASE,\n}\nexport const e: E = 4;\n" }, { 'src/z.ts': 'export const Z = 1 + 3;\n' });
sees('enum initializer local const', { 'src/a.ts': 'const B = 3;\nexport const BASE = B + 1;\n', 'src/user.ts': "import { BASE } from './a.ts';\nexport enum E {\n  A = BASE,\n}\nexport const e: E = 4;\n" }, { 'src/a.ts': 'const B = 4;\nexport const BASE = B + 1;\n' });
sees('auto array', { 'src/a.ts': 'const x = [] as any[];\nexport { x };\n', 'src/user.ts': "import { x } from './a.ts';\nexport const y = x;\n" }, { 'src/a.ts': 'const x = [];\nexport { x };\n' });
sees('UMD global type', { 'src/foo.d.ts': 'export interface Bar { x: number }\nexport as namespace Foo;\n', 'src/user.ts': "export const y = (b: Foo.Bar): number => b.x;\n" }, { 'src/foo.d.ts': 'export interface Bar { x: string }\nexport as namespace Foo;\n' });

const mono = { 'packages/core/package.json': '{ "name": "@s/core", "type": "module" }', 'packages/app/package.json': '{ "name": "@s/app", "type": "module" }', 'packages/app/src/nothing.ts': 'export {};\n' };
const monoRaw = { include: ['src', 'packages/*/src'] };
const paths = { paths: { '@s/core': ['./packages/core/src/index.ts'], '@s/core/*': ['./packages/core/src/*'] } };
sees('inferred import type by an alias', { ...mono,
  'packages/core/src/c.ts': 'export interface C { x: number }\nexport interface Other { y: number }\n',
  'packages/core/src/index.ts': "import type { C } from './c.ts';\nexport const f = (): C => ({ x: 1 });\n",
  'packages/app/src/mid.ts': "import { f } from '@s/core';\nexport const m = f();\n",
  'packages/app/src/user.ts': "import { m } from './mid.ts';\nexport const x: number = m.x;\n" },
  { 'packages/core/src/c.ts': 'export interface C { x: string }\nexport interface Other { y: number }\n' }, { options: paths, raw: monoRaw });
sees('inferred import type by an alias, bag', { ...mono,
  'packages/core/src/c.ts': 'export interface C { x?: number }\n',
  'packages/core/src/index.ts': "import type { C } from './c.ts';\nexport const f = (): C => ({ });\n",
  'packages/app/src/mid.ts': "import { f } from '@s/core';\nexport const m = f();\n",
  'packages/app/src/user.ts': "import { m } from './mid.ts';\nexport const x: number | undefined = m.x;\n" },
  { 'packages/core/src/c.ts': 'export interface C { x?: string }\n' }, { options: paths, raw: monoRaw });
sees('moduleSuffixes', { 'src/a.ios.ts': 'export const a = 1;\n', 'src/a.ts': 'export const a = 1;\n', 'src/mid.ts': "export { a } from './a';\n", 'src/user.ts': "import { a } from './mid';\nexport const x: number = a;\n" }, { 'src/a.ios.ts': "export const a = '1';\n" }, { options: { moduleSuffixes: ['.ios', ''] } });
const node = { options: { module: 'nodenext', moduleResolution: 'nodenext' } };
sees('cjs ns.default', { 'src/a.cts': 'export const foo = 1;\n', 'src/user.ts': "import * as ns from './a.cts';\nexport const x: number = ns.default.foo;\n" }, { 'src/a.cts': "export const foo = '1';\n" }, node);
sees('cjs import type default', { 'src/a.cts': 'export const foo = 1;\n', 'src/user.ts': "export const x: typeof import('./a.cts').default.foo = 1;\n" }, { 'src/a.cts': "export const foo = '1';\n" }, node);
sees('cjs re-exported default', { 'src/a.cts': 'export const foo = 1;\n', 'src/mid.ts': "export { default as a } from './a.cts';\n", 'src/user.ts': "import { a } from './mid.ts';\nexport const x: number = a.foo;\n" }, { 'src/a.cts': "export const foo = '1';\n" }, node);
sees('cjs default import exported', { 'src/a.cts': 'export const foo = 1;\n', 'src/mid.ts': "import a from './a.cts';\nexport { a };\n", 'src/user.ts': "import { a } from './mid.ts';\nexport const x: number = a.foo;\n" }, { 'src/a.cts': "export const foo = '1';\n" }, node);
sees('cjs default in a type', { 'src/a.cts': 'export interface Foo { x: number }\n', 'src/mid.ts': "import type a from './a.cts';\nexport type M = a.Foo;\n", 'src/user.ts': "import type { M } from './mid.ts';\nexport const x = (m: M): number => m.x;\n" }, { 'src/a.cts': "export interface Foo { x: string }\n" }, node);
sees('deprecation of a spread property', { 'src/a.ts': 'export const base = { x: 1 };\n', 'src/mid.ts': "import { base } from './a.ts';\nexport const o = { ...base, y: 1 };\n", 'src/user.ts': "import { o } from './mid.ts';\nexport const x: number = o.x;\n" }, { 'src/a.ts': 'export const base = { /** @deprecated */ x: 1 };\n' });
sees('deprecation through identity', { 'src/a.ts': 'export const base = { x: 1 };\n', 'src/mid.ts': "import { base } from './a.ts';\nexport const o = base;\n", 'src/user.ts': "import { o } from './mid.ts';\nexport const x: number = o.x;\n" }, { 'src/a.ts': 'export const base = { /** @deprecated */ x: 1 };\n' });
sees('deprecated expando', { 'src/a.ts': 'export function f() {}\nf.x = 1;\n', 'src/user.ts': "import { f } from './a.ts';\nexport const x: number = f.x;\n" }, { 'src/a.ts': 'export function f() {}\n/** @deprecated */\nf.x = 1;\n' });
sees('deprecated binding', { 'src/a.ts': 'export const { a, b } = { a: 1, b: 1 };\n', 'src/user.ts': "import { a } from './a.ts';\nexport const x: number = a;\n" }, { 'src/a.ts': '/** @deprecated */\nexport const { a, b } = { a: 1, b: 1 };\n' });
sees('deprecated default expression', { 'src/a.ts': 'export default 1 + 1;\n', 'src/user.ts': "import a from './a.ts';\nexport const x: number = a;\n" }, { 'src/a.ts': '/** @deprecated */\nexport default 1 + 1;\n' });
sees('deprecated parameter property', { 'src/a.ts': 'export class A { constructor(public x: number) {} }\n', 'src/user.ts': "import { A } from './a.ts';\nexport const x: number = new A(1).x;\n" }, { 'src/a.ts': 'export class A { constructor(/** @deprecated */ public x: number) {} }\n' });
sees('deprecated property of an object in a function', { 'src/a.ts': 'export function f() { return { x: 1, m() {} }; }\n', 'src/user.ts': "import { f } from './a.ts';\nexport const x: number = f().x;\n" }, { 'src/a.ts': 'export function f() { return { /** @deprecated */ x: 1, m() {} }; }\n' });
sees('deprecated property via local', { 'src/a.ts': 'const l = { x: 1 };\nexport const o = { ...l, y: 1 };\n', 'src/user.ts': "import { o } from './a.ts';\nexport const x: number = o.x;\n" }, { 'src/a.ts': 'const l = { /** @deprecated */ x: 1 };\nexport const o = { ...l, y: 1 };\n' });
sees('error type to any', { 'src/a.ts': 'export const a = missing();\n', 'src/user.ts': "import { a } from './a.ts';\nexport const x = a;\n" }, { 'src/a.ts': 'declare const any: any;\nexport const a = any;\n' });
sees('template const', { 'src/a.ts': "const B = 'b';\nexport const BASE = `${B}/x`;\n", 'src/user.ts': "import { BASE } from './a.ts';\nexport enum E {\n  A = BASE,\n  C = `${E.A}y`,\n}\nexport const e: 'b/x' extends `${E}` ? 1 : 2 = 1;\n" }, { 'src/a.ts': "const B = 'c';\nexport const BASE = `${B}/x`;\n" });
sees('jsx of a re-exported namespace', { 'src/r.ts': "export function h(x: unknown, y: unknown): number { return 1; }\nexport namespace JSX { export interface Element {} export interface IntrinsicElements { div: { a?: number } } }\n", 'src/barrel.ts': "export * as React from './r.ts';\n", 'src/user.tsx': "import { React } from './barrel.ts';\nexport const x = <div a={1} />;\n" }, { 'src/r.ts': "export function h(x: unknown, y: unknown): number { return 1; }\nexport namespace JSX { export interface Element {} export interface IntrinsicElements { div: { a?: string } } }\n" }, { options: { jsx: 'react', jsxFactory: 'React.h' } });
sees('jsx factory default import of a namespace', { 'src/r.ts': "export function h(x: unknown, y: unknown): number { return 1; }\nexport namespace JSX { export interface Element {} export interface IntrinsicElements { div: { a?: number } } }\n", 'src/barrel.ts': "import * as React from './r.ts';\nexport default React;\n", 'src/user.tsx': "import React from './barrel.ts';\nexport const x = <div a={1} />;\n" }, { 'src/r.ts': "export function h(x: unknown, y: unknown): number { return 1; }\nexport namespace JSX { export interface Element {} export interface IntrinsicElements { div: { a?: string } } }\n" }, { options: { jsx: 'react', jsxFactory: 'React.h' } });
sees('class expression spread', { 'src/a.ts': 'export const o = { m() {} };\n', 'src/user.ts': "import { o } from './a.ts';\nexport const x = { ...o }.m;\n" }, { 'src/a.ts': 'export const o = new (class { m() {} })();\n' });
sees('barrel local under declaration', { 'node_modules/p/package.json': '{ "name": "p", "types": "./index.d.ts" }', 'node_modules/p/index.d.ts': "export { f } from './deep';\n", 'node_modules/p/deep.d.ts': "export interface T { x: number }\nexport declare const f: () => T;\n",
  'src/e.ts': "import { f } from 'p';\nexport const e = { f } as { f: typeof f };\n", 'src/barrel.ts': "export const other = 1;\n", 'src/user.ts': "import { f } from 'p';\nimport { other } from './barrel.ts';\nvoid other;\nexport const d = f();\n" }, { 'src/barrel.ts': "import type { T } from '../node_modules/p/deep';\nexport const other = 1;\nexport type { T };\n" }, { options: { declaration: true } });

const D = 'export const base = {\n  /** @deprecated */\n  x: 1,\n};\n', N = D.replace(' @deprecated', '');
const U = "import { o } from './mid.ts';\nexport const x: number = o.x;\n";
sees('deprecation of a spread property', { 'src/a.ts': N, 'src/mid.ts': "import { base } from './a.ts';\nexport const o = { ...base, y: 1 };\n", 'src/user.ts': U }, { 'src/a.ts': D });
sees('deprecation through identity', { 'src/a.ts': N, 'src/mid.ts': "import { base } from './a.ts';\nconst id = <T>(t: T): T => t;\nexport const o = id(base);\n", 'src/user.ts': U }, { 'src/a.ts': D });
sees('deprecation in the same file', { 'src/mid.ts': N.replace('base', 'o'), 'src/user.ts': U }, { 'src/mid.ts': D.replace('base', 'o') });
sees('deprecation via local spread', { 'src/mid.ts': N.replace('export ', '') + 'export const o = { ...base, y: 1 };\n', 'src/user.ts': U }, { 'src/mid.ts': D.replace('export ', '') + 'export const o = { ...base, y: 1 };\n' });
sees('deprecation of a return type', { 'src/a.ts': 'export function f() {\n  return {\n    x: 1,\n  };\n}\n', 'src/mid.ts': "import { f } from './a.ts';\nexport const o = f();\n", 'src/user.ts': U }, { 'src/a.ts': 'export function f() {\n  return {\n    /** @deprecated */\n    x: 1,\n  };\n}\n' });
sees('arrow to function expression (unbound-method)', { 'src/a.ts': 'export class A { f = () => 1; }\n', 'src/user.ts': "import { A } from './a.ts';\nexport const { f } = new A();\n" }, { 'src/a.ts': 'export class A { f = function () { return 1; }; }\n' });
sees('dynamic member name', { 'src/a.ts': 'declare const k: string;\nexport class A { [k] = 1; }\n', 'src/user.ts': "import { A } from './a.ts';\nexport const x: number = new A().foo;\n" }, { 'src/a.ts': "declare const k: string;\nexport class A { [k] = '1'; }\n" });
sees('private accessor of a local', { 'src/a.ts': 'const l = { a: 1 };\nexport class A { private get p() { return l.a; } }\n', 'src/user.ts': "import { A } from './a.ts';\nexport const x: number = new A()['p'];\n" }, { 'src/a.ts': "const l = { a: '1' };\nexport class A { private get p() { return l.a; } }\n" });
sees('type to import type, ts5', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "export { A } from './a.ts';\n", 'src/user.ts': "import { A } from './mid.ts';\nexport const a = new A();\n" }, { 'src/mid.ts': "export type { A } from './a.ts';\n" }, { typescript: 'typescript5' });
sees('export type to export, expect-error', { 'src/a.ts': 'export class A {}\n', 'src/mid.ts': "export type { A } from './a.ts';\n", 'src/user.ts': "import { A } from './mid.ts';\n// @ts-expect-error it is a type\nexport const a = new A();\n" }, { 'src/mid.ts': "export { A } from './a.ts';\n" });
sees('import X = ns.Y', { 'src/a.ts': 'export namespace N { export interface I { x: number } }\n', 'src/mid.ts': "import * as ns from './a.ts';\nexport import I = ns.N.I;\n", 'src/user.ts': "import type { I } from './mid.ts';\nexport const x = (i: I): number => i.x;\n" }, { 'src/a.ts': 'export namespace N { export interface I { x: string } }\n' });
sees('import x = require of export =', { 'src/a.cts': 'const o = { x: 1 };\nexport = o;\n', 'src/user.cts': "import o = require('./a.cjs');\nexport const x: number = o.x;\n", 'src/u2.ts': "import o from './a.cjs';\nexport const x: number = o.x;\n" }, { 'src/a.cts': "const o = { x: '1' };\nexport = o;\n" }, { options: { module: 'nodenext', moduleResolution: 'nodenext' } });
sees('JSDoc import in JS', { 'src/a.ts': 'export interface I { x: number }\n', 'src/mid.js': "/** @import { I } from './a.ts' */\n/** @param {I} i */\nexport const f = (i) => i.x;\n", 'src/user.ts': "import { f } from './mid.js';\nexport const x: number = f({} as never);\n" }, { 'src/a.ts': 'export interface I { x: string }\n' }, { options: { allowJs: true, checkJs: true } });
sees('augmentation referring', { 'src/foo.ts': 'export interface Foo { x: number }\n', 'src/a.ts': 'export interface X { a: 1 }\n', 'src/aug.ts': "import type { Foo } from './foo.ts';\ndeclare module './a.ts' { interface X { y: Foo } }\n", 'src/user.ts': "import type { X } from './a.ts';\nexport const x = (i: X): number => i.y.x;\n" }, { 'src/foo.ts': 'export interface Foo { x: string }\n' });
sees('dir with package.json', { 'src/pkg/package.json': '{ "types": "./main.ts" }', 'src/pkg/main.ts': 'export const a = 1;\n', 'src/pkg/index.ts': 'export const a = 1;\n', 'src/mid.ts': "export { a } from './pkg';\n", 'src/user.ts': "import { a } from './mid.ts';\nexport const x: number = a;\n" }, { 'src/pkg/main.ts': "export const a = '1';\n" });
sees('subpath import, inferred', { 'package.json': '{ "type": "module", "imports": { "#c": "./src/c.ts" } }', 'src/c.ts': 'export interface C { x?: number }\n', 'src/b.ts': "import type { C } from '#c';\nexport const f = (): C => ({});\n", 'src/deep/er/mid.ts': "import { f } from '../../b.ts';\nexport const m = f();\n", 'src/user.ts': "import { m } from './deep/er/mid.ts';\nexport const x: number | undefined = m.x;\n" }, { 'src/c.ts': 'export interface C { x?: string }\n' });

const ENUM = "import { B2 } from './mid.ts';\nexport enum E {\n  A = B2,\n}\nexport const e: E = 8;\n";
sees('enum through an alias const', { 'src/a.ts': 'export const BASE = 1 << 3;\n', 'src/mid.ts': "import { BASE } from './a.ts';\nexport const B2 = BASE;\n", 'src/user.ts': ENUM }, { 'src/a.ts': 'export const BASE = 1 << 4;\n' });
sees('enum through re-export', { 'src/a.ts': 'export const B2 = 1 << 3;\n', 'src/mid.ts': "export * from './a.ts';\n", 'src/user.ts': ENUM }, { 'src/a.ts': 'export const B2 = 1 << 4;\n' });
sees('type-only at the far end', { 'src/a.ts': 'export class A {}\n', 'src/m1.ts': "export { A } from './a.ts';\n", 'src/m2.ts': "export * from './m1.ts';\n", 'src/user.ts': "import * as m from './m2.ts';\nexport const a = new m.A();\n" }, { 'src/m1.ts': "export type { A } from './a.ts';\n" });
sees('constructor made private', { 'src/a.ts': 'export class A { constructor() {} }\n', 'src/user.ts': "import { A } from './a.ts';\nexport const a = new A();\n" }, { 'src/a.ts': 'export class A { private constructor() {} }\n' });
sees('class private by local in namespace', { 'src/a.ts': "const l = () => 1;\nexport namespace N {\n  export class A { private p = l(); }\n}\n", 'src/user.ts': "import { N } from './a.ts';\nexport const a: number = new N.A()['p'];\n" }, { 'src/a.ts': "const l = () => '1';\nexport namespace N {\n  export class A { private p = l(); }\n}\n" });
sees('subclass in between, private', { 'src/a.ts': "const l = () => 1;\nexport class A { private p = l(); }\n", 'src/mid.ts': "import { A } from './a.ts';\nexport class B extends A {}\n", 'src/user.ts': "import { B } from './mid.ts';\nexport const a: number = new B()['p'];\n" }, { 'src/a.ts': "const l = () => '1';\nexport class A { private p = l(); }\n" });
sees('umd', { 'src/a.ts': 'export function f(this: { x: number }) {}\n', 'src/user.ts': "import * as a from './a.ts';\nexport const o = { x: 1, f: a.f };\no.f();\n" }, { 'src/a.ts': 'export function f(this: { x: string }) {}\n' });
sees('decorator', { 'src/a.ts': 'export function dec(t: new () => { x: number }, c: unknown) {}\n', 'src/user.ts': "import * as a from './a.ts';\n@a.dec\nexport class C { x = 1; }\n" }, { 'src/a.ts': 'export function dec(t: new () => { x: string }, c: unknown) {}\n' });
sees('destructured namespace and element access', { 'src/a.ts': 'export const a = 1, b = 1;\n', 'src/user.ts': "import * as ns from './a.ts';\nconst { a } = ns;\nexport const x: number = a + ns['b'];\n" }, { 'src/a.ts': "export const a = '1', b = 1;\n" });
sees('interface with a JSX component of a namespace', { 'src/a.tsx': 'export const C = (p: { a: number }) => null as any;\n', 'src/user.tsx': "import * as ns from './a.tsx';\ndeclare const React: any;\ndeclare global { namespace JSX { interface Element {} interface IntrinsicElements {} } }\nexport const x = <ns.C a={1} />;\n" }, { 'src/a.tsx': 'export const C = (p: { a: string }) => null as any;\n' }, { options: { jsx: 'react' } });
