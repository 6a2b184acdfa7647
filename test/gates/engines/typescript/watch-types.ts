import path from 'node:path';
import type TypeScript from 'typescript';
import { expect } from 'vitest';
import { collectDiagnostics } from '../../../../gates/engines/typescript/diagnostics.ts';
import { describeDiagnostics } from '../../../../gates/engines/typescript/findings.ts';
import { programOf, type ProjectProgram } from '../../../../gates/engines/typescript/program.ts';
import { FileStates } from '../../../../src/system/file-states.ts';
import { REPOSITORY, type Project } from '../../../rig/project.ts';

/** Of a project that needs no library of TypeScript's own, which takes most of the time of a small one. */
export const OPTIONS = { strict: true, target: 'es2022', noLib: true, module: 'esnext', moduleResolution: 'bundler', types: [], noEmit: true, allowImportingTsExtensions: true };

/** What such a project declares instead. */
export const LIB = `interface Array<T> { length: number; [index: number]: T }
${['Boolean', 'CallableFunction', 'Function', 'IArguments', 'NewableFunction', 'Number', 'Object', 'RegExp', 'String'].map((name) => `interface ${name} {}\n`).join('')}interface PromiseLike<T> { then(f: (x: T) => void): void }
interface Promise<T> { then(f: (x: T) => void): void }
interface PromiseConstructor { new <T>(f: (resolve: (x: T) => void) => void): Promise<T> }
declare var Promise: PromiseConstructor;
`;

/** What a rule over types could tell of a file: all its names, with their types to some depth. */
function typesIn({ ts, program }: ProjectProgram, file: string): string {
  const checker = program.getTypeChecker();
  const describe = (type: TypeScript.Type, depth: number): string => {
    if (type.isUnion()) return type.types.map((one) => describe(one, depth)).sort().join(' | ');
    const text = checker.typeToString(type, undefined, ts.TypeFormatFlags.NoTruncation);
    if (depth === 0) return text;
    return `${text}{${type.getProperties().map((property) => `${property.name}${property.getJsDocTags(checker).map(({ name }) => `@${name}`).join('')}: ${describe(checker.getTypeOfSymbol(property), depth - 1)}`).sort().join('; ')}}`;
  };
  const lines: string[] = [];
  const visit = (node: TypeScript.Node): void => {
    if (ts.isIdentifier(node)) {
      const type = checker.getTypeAtLocation(node);
      // Of a namespace it is its members that are looked at.
      const isPath = ts.isNamespaceImport(node.parent) || (ts.isPropertyAccessExpression(node.parent) && node.parent.expression === node) || (ts.isQualifiedName(node.parent) && node.parent.left === node);
      const depth = isPath && ((type.symbol as TypeScript.Symbol | undefined)?.flags ?? 0) & ts.SymbolFlags.ValueModule ? 0 : 2;
      const symbol = checker.getSymbolAtLocation(node);
      const target = symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(symbol) : symbol;
      lines.push(`${String(node.pos)} ${node.text} ${String(target?.flags)} ${(target?.getJsDocTags(checker) ?? []).map(({ name }) => name).join()} ${describe(type, depth)}`);
    }
    ts.forEachChild(node, visit);
  };
  const source = program.getSourceFile(file);
  if (source !== undefined) visit(source);
  return lines.join('\n');
}

/** Looks at a project again and again, as a kept lane does; each time what is found and seen anew must be the same, also in files that are not looked at again. */
export class Watch {
  readonly #project: Project;
  readonly #lane = new Map<string, unknown>();
  readonly #files = new FileStates();
  readonly #stamps = new Map<string, { stamp: number; types: string }>();
  #run = 0;
  /** How often a file was not looked at again. */
  unaffected = 0;

  readonly #typescript: string;

  /** `typescript` names the package. */
  constructor(project: Project, typescript = 'typescript') {
    this.#project = project;
    this.#typescript = typescript;
  }

  look(what: string): void {
    const { root } = this.#project;
    const request = { typescriptFolder: path.join(REPOSITORY, 'node_modules', this.#typescript), config: path.join(root, 'tsconfig.json'), root, isCancelled: () => false };
    this.#run += 1;
    const kept = programOf(this.#lane, { ...request, kept: { run: this.#run, tree: null, files: this.#files, thread: { guard: () => undefined, watch: () => undefined } } });
    const fresh = programOf(new Map(), { ...request, kept: null });
    const [seen, expected] = [kept, fresh].map((one) => describeDiagnostics(one.ts, collectDiagnostics(one, () => false)).map(({ file, line, code, message }) => `${path.relative(root, file ?? '')}:${String(line)} ${String(code)} ${message}`).sort());
    expect(seen, what).toEqual(expected);
    for (const { fileName } of fresh.program.getSourceFiles()) {
      const [stamp, types] = [kept.checked?.stampOf(fileName) ?? NaN, typesIn(fresh, fileName)];
      const before = this.#stamps.get(fileName);
      if (before?.stamp === stamp) {
        this.unaffected += 1;
        expect(types, `${path.relative(root, fileName)}, ${what}`).toBe(before.types);
      }
      this.#stamps.set(fileName, { stamp, types });
    }
  }
}
