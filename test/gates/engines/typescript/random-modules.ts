/** A small project of modules that import, re-export and misuse each other in all ways, edited at random. */
export class RandomModules {
  readonly #random: () => number;
  readonly #modules: string[][];

  constructor(random: () => number, count: number) {
    this.#random = random;
    this.#modules = Array.from({ length: count }, () => []);
    for (const [index] of this.#modules.entries()) this.#modules[index] = this.#fresh(index);
  }

  get files(): Record<string, string> {
    return Object.fromEntries(this.#modules.map((statements, index) => [nameOf(index), textOf(statements)]));
  }

  /** The file that was changed, and its text. */
  edit(): { file: string; text: string } {
    const index = this.#below(this.#modules.length);
    const statements = this.#modules[index] ?? [];
    const at = this.#below(statements.length);
    const kind = this.#below(10);
    if (kind < 5) statements[at] = this.#statement(index);
    else if (kind < 7) statements.splice(at, 0, this.#statement(index));
    else if (kind < 8 && statements.length > 3) statements.splice(at, 1);
    else if (kind < 9) statements[at] = (statements[at] ?? '').replace(/\b1\b/, "'one'").replace(/number/, 'string');
    else this.#modules[index] = this.#fresh(index);
    return { file: nameOf(index), text: textOf(this.#modules[index] ?? []) };
  }

  #fresh(index: number): string[] {
    return Array.from({ length: 5 + this.#below(5) }, () => this.#statement(index));
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }

  #of(...choices: readonly (() => string)[]): string {
    return choices[this.#below(choices.length)]?.() ?? '';
  }

  #statement(index: number): string {
    // What the compiler says of circles of values and of aliases depends on where it begins; types may well stand in circles.
    const any = `./m${String(this.#below(this.#modules.length))}.ts`;
    const other = index === 0 ? './none.ts' : `./m${String(Math.max(0, index - 1 - this.#below(3)))}.ts`;
    const k = (): string => String(this.#below(3));
    const value = (): string => this.#expression();
    const type = (): string => this.#type();
    const plain = (): string => this.#of(() => 'number', () => 'string');
    return this.#of(
      () => `import { n${k()} } from '${other}';`,
      () => `import { n${k()} as p${k()}, type I${k()} } from '${other}';`,
      () => `import type { I${k()} } from '${any}';`,
      () => `import * as ns${k()} from '${other}';`,
      () => `import d${k()} from '${other}';`,
      () => `export * from '${other}';`,
      () => `export * as ns${k()} from '${other}';`,
      () => `export { n${k()} as n${k()}, I${k()} } from '${other}';`,
      () => `export type X${k()} = import('${any}').I${k()};`,
      () => `const n${k()} = ${value()};\nexport { n${k()} };`,
      () => `export const n${k()} = ${value()};`,
      () => `export const n${k()}: ${type()} = ${value()};`,
      () => `/** @deprecated */\nexport const n${k()} = ${value()};`,
      () => `export interface I${k()} {\n  a: ${type()};\n  b?: ${type()};\n}`,
      () => `export function n${k()}(x: ${type()}) {\n  const inner = ${value()};\n  return [x, inner, ${value()}];\n}`,
      () => `export class I${k()} {\n  private p = ${value()};\n  q = ${value()};\n  m() {\n    return this.p;\n  }\n}`,
      () => `export default ${value()};`,
      () => `export enum E${k()} {\n  A = 1,\n  B,\n}`,
      () => `enum F${k()} {\n  A = p${k()},\n}\nexport const n${k()}: F${k()} = 8;`,
      () => `export const n${k()} = 1 << ${k()};`,
      () => `export const n${k()} = { ...${value()}, b: 1 };`,
      () => `export class I${k()}<T> {\n  #p?: ${type()};\n  q?: T;\n}`,
      () => `const u${k()}: ${type()} = ${value()};\nvoid u${k()};`,
      () => `void ${value()};`,
      // Members and locals that go by the name of something imported. Plain types and nothing inferred: circles again.
      () => `export interface I${k()} {\n  ns${k()}: ${plain()};\n  p${k()}?: ${plain()};\n  n${k()}(d${k()}: ${plain()}): ${plain()};\n}`,
      () => `export class I${k()} {\n  ns${k()}?: ${plain()};\n  get p${k()}(): unknown {\n    return ${value()};\n  }\n  n${k()}(ns${k()}: unknown = ${value()}): unknown {\n    return [${value()}, this.ns${k()}];\n  }\n}`,
      () => `export function n${k()}(ns${k()}: ${plain()}, p${k()}: unknown = ${value()}): unknown {\n  return [${value()}, ${value()}];\n}`,
      () => `export const n${k()} = (ns${k()}: ${plain()}): unknown => {\n  const { n${k()}: p${k()} = ${value()} } = ${value()};\n  return ${value()};\n};`,
      () => `export function n${k()}<I${k()}>(x: ${plain()}): unknown {\n  {\n    const ns${k()} = ${value()};\n    function d${k()}(): unknown {\n      return ${value()};\n    }\n    void [ns${k()}, d${k()}];\n  }\n  return x;\n}`,
      () => `export const n${k()} = { ns${k()}, p${k()}, n${k()}: ${value()}, d${k()}(): unknown {\n  return ${value()};\n} };`,
      () => `export type X${k()} = { [ns${k()} in 'a' | 'b']: ${plain()} } & { p${k()}: ${plain()} } & [ns${k()}: ${plain()}];`,
      // Modules that are imported in passing.
      () => `const ns${k()} = await import('${other}');\nvoid ns${k()};`,
      () => `export const ns${k()} = await import('${other}');`,
      () => `export const n${k()} = async () => {\n  const ns${k()} = await import('${other}');\n  return ${value()};\n};`,
      () => `export async function n${k()}(): Promise<unknown> {\n  const { n${k()}, n${k()}: p${k()} = ${value()}, ...d${k()} } = await import('${other}');\n  return [${value()}, ${value()}];\n}`,
      () => `const { n${k()}: p${k()}, default: d${k()} } = await import('${other}');\nawait import('${other}');`,
      () => `export const n${k()} = (await import('${other}')).n${k()};`,
      () => `export const then = ${value()};`,
      () => `export {}; // ${String(index)}`,
    );
  }

  #expression(): string {
    const k = (): string => String(this.#below(3));
    return this.#of(() => '1', () => "'text'", () => `n${k()}`, () => `p${k()}`, () => `d${k()}`, () => `ns${k()}.n${k()}`, () => `ns${k()}`, () => `ns${k()}.ns${k()}.n${k()}`, () => `{ a: n${k()} }`, () => `n${k()}(1)`, () => `new I${k()}()`);
  }

  #type(): string {
    const k = (): string => String(this.#below(3));
    return this.#of(() => 'number', () => 'string', () => `I${k()}`, () => `ns${k()}.I${k()}`, () => `typeof n${k()}`, () => `X${k()}`, () => `typeof ns${k()}`);
  }
}

function nameOf(index: number): string {
  return `src/m${String(index)}.ts`;
}

function textOf(statements: readonly string[]): string {
  return `export {};\n${statements.join('\n')}\n`;
}
