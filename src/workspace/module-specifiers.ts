import { parseSync, Visitor, type Argument, type EcmaScriptModule, type ParseResult } from 'oxc-parser';
import { scriptBlocks, type ScriptBlock } from './script-blocks.ts';

/** One place where a source names another module. */
export interface ModuleSpecifier {
  readonly specifier: string;
  /** UTF-16 offset of the quote before it. */
  readonly offset: number;
  /** False for what no longer exists at run time: `import type`, `import('…').T`, `/// <reference>`. */
  readonly isRuntime: boolean;
  /**
   * `certain`: an import if there ever was one. `likely`: looks like one, and only the syntax tree can tell (`provenOffsets`).
   * `possible`: it need not lead anywhere. All are edges; only for proven ones does it matter that they lead nowhere.
   */
  readonly trust: 'certain' | 'likely' | 'possible';
}

/** What the syntax of a source says of modules. */
export interface ReadModule {
  readonly isModule: boolean;
  readonly specifiers: ModuleSpecifier[];
}

/**
 * All modules that a source names by a literal, in order. Takes the parser's module record and, for the rest, the text's
 * looks: handing a syntax tree over costs many times what parsing does.
 */
export function readModule(file: string, text: string): ReadModule {
  const blocks = scriptBlocks(file, text).map((block) => readBlock(file, block));
  return { isModule: blocks.some(({ isModule }) => isModule), specifiers: blocks.flatMap(({ specifiers }) => specifiers).sort((a, b) => a.offset - b.offset) };
}

/** Offsets of the `likely` specifiers that are imports indeed, and without which the file cannot go on (no `try`, no `.catch`). */
export function provenOffsets(file: string, text: string): ReadonlySet<number> {
  return new Set(scriptBlocks(file, text).flatMap((block) => readTree(parseSync(file, block.text, { lang: block.lang, sourceType: 'unambiguous' }))));
}

function readBlock(file: string, { text, lang }: ScriptBlock): ReadModule {
  const { module, errors } = parseSync(file, text, { lang, sourceType: 'unambiguous' });
  const found = [...readReferences(text), ...readUrls(text), ...readAugmentations(text), ...readMocks(text), ...readTagImports(text)];
  // After a syntax error the record ends, or never was.
  if (errors.length > 0) found.push(...readByLooks(text));
  const known = new Set(module.dynamicImports.map(({ moduleRequest }) => moduleRequest.start));
  const isCommonJs = !module.hasModuleSyntax || text.includes('createRequire') || /\bimport\s+\w+\s*=\s*require\b/.test(text);
  const isModule = module.hasModuleSyntax || (errors.length > 0 && /^[ \t]*(?:import|export)\b/m.test(text));
  return { isModule, specifiers: [...found, ...readRecord(module, text), ...readCalls(text, known, isCommonJs)] };
}

function readRecord(module: EcmaScriptModule, text: string): ModuleSpecifier[] {
  const found: ModuleSpecifier[] = [];
  for (const { moduleRequest, entries, start } of module.staticImports) {
    const isType = entries.length > 0 ? entries.every((entry) => entry.isType) : /^import\s+type\b/.test(text.slice(start, start + 40));
    found.push({ specifier: moduleRequest.value, offset: moduleRequest.start, isRuntime: !isType, trust: 'certain' });
  }
  for (const { entries } of module.staticExports) {
    const requests = entries.filter((entry) => entry.moduleRequest !== null);
    const request = requests[0]?.moduleRequest;
    if (request) found.push({ specifier: request.value, offset: request.start, isRuntime: !requests.every((entry) => entry.isType), trust: 'certain' });
  }
  for (const { moduleRequest } of module.dynamicImports) {
    const literal = /^(["'`])([^\\$]*)\1$/.exec(text.slice(moduleRequest.start, moduleRequest.end))?.[2];
    if (literal !== undefined) found.push({ specifier: literal, offset: moduleRequest.start, isRuntime: true, trust: 'likely' });
  }
  return found;
}

/** `require('x')`, `import x = require('x')`, `require.resolve('x')`, and `import('x')` in a type, also one that JSDoc gives. */
function readCalls(text: string, known: ReadonlySet<number>, isCommonJs: boolean): ModuleSpecifier[] {
  const found: ModuleSpecifier[] = [];
  for (const match of text.matchAll(/\b(require|require\.resolve|import)\s*\(\s*(["'`])([^"'`\n$\\]+)\2/g)) {
    const [whole, callee = '', quote = '', specifier = ''] = match;
    const offset = match.index + whole.indexOf(quote);
    const comment = commentAround(text, match.index);
    if (known.has(offset) || (comment !== null && (comment === '//' || callee !== 'import'))) continue;
    found.push({ specifier, offset, isRuntime: callee !== 'import' && isCommonJs, trust: callee === 'require.resolve' || comment !== null ? 'possible' : 'likely' });
  }
  return found;
}

/** How the comment that a place is in begins on its line, by the line's looks; null where it is in none that they show. */
export function commentAround(text: string, index: number): string | null {
  const before = text.slice(text.lastIndexOf('\n', index) + 1, index);
  const mark = /^\s*(\*|\/\/|\/\*)/.exec(before)?.[1] ?? null;
  const end = mark === '//' ? -1 : before.lastIndexOf('*/');
  if (mark === null || end === -1) return mark;
  // After the end of a comment there is code, if not the next comment.
  return /^\s*(\/\/|\/\*)/.exec(before.slice(end + 2))?.[1] ?? null;
}

/** `@import { T } from './x'` of JSDoc. */
function readTagImports(text: string): ModuleSpecifier[] {
  if (!text.includes('@import')) return [];
  return [...text.matchAll(/@import\b[^'"@]{1,1000}?\bfrom\s*(["'])([^"'\n]+)\1/g)].map((match) => ({ specifier: match[2] ?? '', offset: match.index, isRuntime: false, trust: 'possible' }));
}

function readTree({ program }: ParseResult): number[] {
  const found: number[] = [];
  const caught = new Set<number>();
  let tries = 0;
  const add = (node: Argument | undefined): void => {
    if (tries === 0 && node !== undefined && literalOf(node) !== null) found.push(node.start);
  };
  new Visitor({
    TryStatement: () => { tries += 1; },
    'TryStatement:exit': () => { tries -= 1; },
    CallExpression({ callee, arguments: [argument] }) {
      if (callee.type === 'Identifier' && callee.name === 'require') add(argument);
      // `import('x').catch(…)` goes on without it.
      if (callee.type === 'MemberExpression' && callee.object.type === 'ImportExpression' && callee.property.type === 'Identifier' && callee.property.name === 'catch') caught.add(callee.object.start);
    },
    ImportExpression({ source, start }) { if (!caught.has(start)) add(source); },
    TSImportType({ source }) { add(source); },
    TSExternalModuleReference({ expression }) { add(expression); },
  }).visit(program);
  return found;
}

function literalOf(node: Argument | undefined): string | null {
  if (node?.type === 'Literal' && typeof node.value === 'string') return node.value;
  if (node?.type === 'TemplateLiteral' && node.expressions.length === 0) return node.quasis[0]?.value.cooked ?? null;
  return null;
}

function readReferences(text: string): ModuleSpecifier[] {
  if (!text.includes('<reference')) return [];
  return [...text.matchAll(/^[ \t]*\/\/\/\s*<reference\s+path\s*=\s*(["'])(.+?)\1/gm)].map((match) => {
    const [whole, quote = '"', specifier = ''] = match;
    const relative = /^\.{0,2}\//.test(specifier) ? specifier : `./${specifier}`;
    return { specifier: relative, offset: match.index + whole.indexOf(quote), isRuntime: false, trust: 'certain' };
  });
}

/** Augmentations of a module (`declare module './x'`) belong to it. */
function readAugmentations(text: string): ModuleSpecifier[] {
  if (!text.includes('declare module')) return [];
  return [...text.matchAll(/\bdeclare module (["'])([^"'\n*]+)\1/g)].map((match) => ({ specifier: match[2] ?? '', offset: match.index, isRuntime: false, trust: 'possible' }));
}

/** `new URL('./worker.ts', import.meta.url)`: how workers and assets are named. */
function readUrls(text: string): ModuleSpecifier[] {
  if (!text.includes('import.meta.url')) return [];
  return [...text.matchAll(/new\s+URL\(\s*(["'`])(\.{1,2}\/[^"'`$]+)\1\s*,\s*import\.meta\.url/g)].map((match) => (
    { specifier: match[2] ?? '', offset: match.index, isRuntime: false, trust: 'possible' }
  ));
}

/** `vi.importActual('./x')`, `jest.mock('./x')`: the module itself is loaded, or what stands in its place is made from it. */
function readMocks(text: string): ModuleSpecifier[] {
  if (!/\b(?:vi|vitest|jest)\s*\./.test(text)) return [];
  return [...text.matchAll(/\b(?:vi|vitest|jest)\s*\.\s*(?:importActual|importMock|requireActual|requireMock|mock|doMock|unstable_mockModule|createMockFromModule)\s*(?:<[^(]*>)?\(\s*(["'`])([^"'`\n$\\]+)\1/g)].map((match) => (
    { specifier: match[2] ?? '', offset: match.index, isRuntime: false, trust: 'possible' }
  ));
}

function readByLooks(text: string): ModuleSpecifier[] {
  return [...text.matchAll(/(?:\bfrom|\bimport|\brequire\s*\(|\bimport\s*\()\s*(["'])([^"'\n]+)\1/g)].map((match) => (
    { specifier: match[2] ?? '', offset: match.index, isRuntime: false, trust: 'possible' }
  ));
}
