import { makeProject, type Project } from './project.ts';

const TOOLS = ['typescript', 'eslint', 'typescript-eslint'];

/**
 * A small library of a bicycle workshop in which every way is used by which one file can tell in another: inferred types, private
 * members, re-exports, augmentations, globals, JSON, assertion functions, enums, deprecations, an installed package.
 */
export function makeWorkshop(tools: Readonly<Record<string, string>> = {}): Promise<Project> {
  return makeProject({ ...SETUP, ...SOURCES, ...PACKAGES }, { git: true, packages: { ...Object.fromEntries(TOOLS.map((tool) => [tool, tool])), ...tools } });
}

const SETUP: Readonly<Record<string, string>> = {
  'package.json': json({ name: 'workshop', private: true, type: 'module', dependencies: { tiny: '1.0.0' } }),
  'tsconfig.json': json({ compilerOptions: { target: 'es2022', lib: ['es2022'], module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [], resolveJsonModule: true, allowImportingTsExtensions: true, noUnusedLocals: true }, include: ['src'] }),
  'eslint.config.js': `import tseslint from 'typescript-eslint';
import { severities } from './lint/severities.js';

export default tseslint.config({
  files: ['src/**/*.ts'],
  extends: [tseslint.configs.recommendedTypeChecked],
  languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  rules: { '@typescript-eslint/no-deprecated': 'error', '@typescript-eslint/no-unnecessary-condition': 'warn', ...severities },
});
`,
  'lint/severities.js': "export const severities = { 'no-var': 'error', 'prefer-const': 'warn' };\n",
  'spark-gates.config.json': json({ gates: { security_analysis: { audit: 'off' }, documentation_check: { exports: 'all' } } }),
  'README.md': '# Workshop\n\nSee [the guide](docs/guide.md#wheels) and [the source](src/index.ts).\n\n```ts\nimport { price } from "./src/index.ts";\n```\n',
  'docs/guide.md': '# Guide\n\n## Wheels\n\nBack to [the start](../README.md#workshop).\n\n## Brakes\n\n```json\n{ "brakes": 2 }\n```\n',
};

const SOURCES: Readonly<Record<string, string>> = {
  'src/parts.ts': '/** What a bicycle is made of. */\nexport interface Part {\n  readonly name: string;\n  readonly price: number;\n}\n\n/** A wheel. */\nexport interface Wheel extends Part {\n  readonly spokes: number;\n}\n\n/** Any. */\nexport type Piece = Part | Wheel;\n',
  'src/units.ts': "/** In cents. */\nexport const cents = (amount: number) => Math.round(amount * 100);\n\n/** With a name. */\nexport function labelled(name: string, amount: number) {\n  const value = cents(amount);\n  return { name, value };\n}\n\n/** @deprecated Use labelled. */\nexport const old = labelled('old', 1);\n",
  'src/price.ts': "import type { Part } from './parts.ts';\nimport { labelled } from './units.ts';\n\n/** Of one part. */\nexport function price(part: Part) {\n  return labelled(part.name, part.price);\n}\n\n/** Of many. */\nexport const total = (parts: readonly Part[]) => parts.map(price).reduce((sum, { value }) => sum + value, 0);\n",
  'src/assert.ts': "/** Stops at what is no part. */\nexport function assertName(value: unknown): asserts value is string {\n  if (typeof value !== 'string') fail('no name');\n}\n\n/** Never comes back. */\nexport function fail(message: string): never {\n  throw new Error(message);\n}\n",
  'src/store.ts': "import type { Part } from './parts.ts';\nimport { total } from './price.ts';\n\n/** Where parts lie. */\nexport class Store {\n  private parts: Part[] = [];\n  protected limit = 10;\n\n  /** Puts one there. */\n  add(part: Part): this {\n    this.parts.push(part);\n    return this;\n  }\n\n  /** What all is worth. */\n  worth() {\n    return total(this.parts);\n  }\n}\n",
  'src/shelf.ts': "import { Store } from './store.ts';\n\n/** A smaller one. */\nexport class Shelf extends Store {\n  /** How many fit. */\n  room(): number {\n    return this.limit;\n  }\n}\n\n/** Looks where it must not. */\nexport const inside = (shelf: Shelf) => shelf['parts'].length;\n",
  'src/colour.ts': "/** Paint. */\nexport enum Colour {\n  Red = 'red',\n  Blue = 'blue',\n}\n\n/** In words. */\nexport function wordOf(colour: Colour): string {\n  switch (colour) {\n    case Colour.Red:\n      return 'red';\n    case Colour.Blue:\n      return 'blue';\n  }\n}\n",
  'src/order.ts': "import { assertName, fail } from './assert.ts';\nimport { Colour, wordOf } from './colour.ts';\nimport { Shelf } from './shelf.ts';\n\n/** Takes an order. */\nexport function order(input: { name?: unknown; colour: Colour }): string {\n  assertName(input.name);\n  const shelf = new Shelf().add({ name: input.name, price: 2 });\n  if (input.colour === Colour.Red) return `${input.name} ${shelf.worth().toFixed(2)}`;\n  if (shelf.room() > 3) fail('too large');\n  return wordOf(input.colour);\n}\n",
  'src/later.ts': "import { order } from './order.ts';\nimport { Colour } from './colour.ts';\n\n/** Some day. */\nexport async function later(): Promise<string> {\n  await Promise.resolve();\n  return order({ name: 'bell', colour: Colour.Blue });\n}\n\n/** Both. */\nexport const both = async () => [await later(), await later()];\n",
  'src/list.json': json({ bells: 3, lamps: ['front', 'rear'] }),
  'src/stock.ts': "import list from './list.json' with { type: 'json' };\nimport { both } from './later.ts';\n\n/** How many bells. */\nexport const bells = list.bells + list.lamps.length;\n\n/** With names. */\nexport async function named() {\n  const [first = ''] = await both();\n  return first.length + bells;\n}\n",
  'src/globals.d.ts': 'declare const WORKSHOP: { readonly city: string };\n',
  'src/extra.ts': "import type { Part } from './parts.ts';\n\ndeclare module './parts.ts' {\n  interface Part {\n    readonly extra?: number;\n  }\n}\n\n/** Adds to it. */\nexport const extra = (part: Part) => part.extra ?? 0;\n",
  'src/place.ts': "import { size } from 'tiny';\nimport { extra } from './extra.ts';\n\n/** Where. */\nexport const place = `${WORKSHOP.city} ${String(size('x'))} ${String(extra({ name: 'x', price: 1 }))}`;\n",
  'src/index.ts': "export * from './price.ts';\nexport * from './order.ts';\nexport { Store } from './store.ts';\nexport type { Piece } from './parts.ts';\nexport { named as stockNamed } from './stock.ts';\nexport { place } from './place.ts';\n",
  'src/index.test.ts': "import { order, place, price, Store, stockNamed } from './index.ts';\nimport { Colour } from './colour.ts';\n\nconst { name, value } = price({ name: 'x', price: 1 });\nexport const results = [name, value.toFixed(1), order({ name, colour: Colour.Red }), new Store().worth() + 1, place];\nexport const waiting = stockNamed().then((count) => count + 1);\n",
};

const PACKAGES: Readonly<Record<string, string>> = {
  'node_modules/tiny/package.json': json({ name: 'tiny', version: '1.0.0', type: 'module', exports: { '.': { types: './index.d.ts', default: './index.js' } } }),
  'node_modules/tiny/index.js': 'export const size = (text) => text.length;\n',
  'node_modules/tiny/index.d.ts': 'export declare function size(text: string): number;\n',
};

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
