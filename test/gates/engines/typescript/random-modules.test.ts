import path from 'node:path';
import type TypeScript from 'typescript';
import { expect, test } from 'vitest';
import { collectDiagnostics } from '../../../../gates/engines/typescript/diagnostics.ts';
import { describeDiagnostics } from '../../../../gates/engines/typescript/findings.ts';
import { programOf, type ProjectProgram } from '../../../../gates/engines/typescript/program.ts';
import { FileStates } from '../../../../src/system/file-states.ts';
import { makeProject, REPOSITORY, type Project } from '../../../rig/project.ts';
import { chooseSeed, seededRandom } from '../../../rig/seeded-random.ts';
import { RandomModules } from './random-modules.ts';

// MODULE_EDITS=2000 npx vitest run --config .config/vitest.config.ts test/gates/engines/typescript/random-modules.test.ts
const EDITS = Number(process.env.MODULE_EDITS ?? 60);
const OPTIONS = { strict: true, target: 'es2022', noLib: true, module: 'esnext', moduleResolution: 'bundler', types: [], noEmit: true, allowImportingTsExtensions: true };
const LIB = `interface Array<T> { length: number; [index: number]: T }
${['Boolean', 'CallableFunction', 'Function', 'IArguments', 'NewableFunction', 'Number', 'Object', 'RegExp', 'String'].map((name) => `interface ${name} {}\n`).join('')}`;

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

class Watch {
  readonly #project: Project;
  readonly #lane = new Map<string, unknown>();
  readonly #files = new FileStates();
  readonly #stamps = new Map<string, { stamp: number; types: string }>();
  #run = 0;
  unaffected = 0;

  constructor(project: Project) {
    this.#project = project;
  }

  look(what: string): void {
    const { root } = this.#project;
    const request = { typescriptFolder: path.join(REPOSITORY, 'node_modules', 'typescript'), config: path.join(root, 'tsconfig.json'), root, isCancelled: () => false };
    this.#run += 1;
    const kept = programOf(this.#lane, { ...request, kept: { run: this.#run, files: this.#files, thread: { guard: () => undefined, watch: () => undefined } } });
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

test('modules that take anything from each other in any way: after each edit the same diagnostics and the same types as anew', async () => {
  const seed = chooseSeed();
  const modules = new RandomModules(seededRandom(seed), 6);
  await using project = await makeProject({ 'package.json': '{ "type": "module" }', 'tsconfig.json': JSON.stringify({ compilerOptions: OPTIONS, include: ['src'] }), 'src/lib.d.ts': LIB, ...modules.files });
  const watch = new Watch(project);
  watch.look(`seed ${String(seed)}`);
  for (let edit = 1; edit <= EDITS; edit++) {
    const { file, text } = modules.edit();
    await project.write({ [file]: text });
    watch.look(`seed ${String(seed)}, edit ${String(edit)} of ${file}`);
  }
  // Else nothing was kept, and nothing has been tried.
  expect(watch.unaffected).toBeGreaterThan(EDITS);
});
