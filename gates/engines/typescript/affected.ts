import path from 'node:path';
import type TypeScript from 'typescript';
import { isInstalled } from '../workspace-path.ts';
import type { TypeScriptModule } from './load.ts';
import type { Shape } from './shape.ts';
import { spread } from './spread.ts';

/** A program and what each of its files imports, by absolute name. */
export interface Linked {
  readonly program: TypeScript.Program;
  readonly imports: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Change {
  readonly before: Linked;
  readonly after: Linked;
  /** Shapes of files in `before`, as far as they were needed; those of `after` are put in their place. */
  readonly shapes: Map<string, Shape>;
  /** The compiler had something to say about that file, by absolute name. */
  readonly isNoisy: (file: string) => boolean;
}

/** What the compiler knows of each file; internal, but there in all versions with this API. */
interface FileFacts {
  readonly imports?: readonly TypeScript.StringLiteralLike[];
  readonly moduleAugmentations?: readonly unknown[];
  readonly ambientModuleNames?: readonly unknown[];
  readonly commonJsModuleIndicator?: unknown;
}

/** Which files each file imports, from one of them on: those of `known` that are the same are taken over. */
export function linkImports(ts: TypeScriptModule, program: TypeScript.Program, known: Linked | null): Linked {
  const imports = new Map<string, ReadonlySet<string>>();
  for (const file of program.getSourceFiles()) {
    const same = known?.program.getSourceFile(file.fileName) === file ? known.imports.get(file.fileName) : undefined;
    imports.set(file.fileName, same ?? importsOf(ts, program, file));
  }
  return { program, imports };
}

function importsOf(ts: TypeScriptModule, program: TypeScript.Program, file: TypeScript.SourceFile): ReadonlySet<string> {
  const checker = program.getTypeChecker();
  const found = new Set<string>();
  for (const specifier of (file as FileFacts).imports ?? []) {
    for (const declaration of checker.getSymbolAtLocation(specifier)?.declarations ?? []) found.add(declaration.getSourceFile().fileName);
  }
  for (const { fileName } of file.referencedFiles) found.add(ts.sys.resolvePath(path.resolve(path.dirname(file.fileName), fileName)));
  found.delete(file.fileName);
  return found;
}

/**
 * The files whose types, type errors or typed lint may differ between two programs; null for "all of them". What a file sees of
 * others are their shapes: a change that leaves a shape as it was stays where it is, any other goes on to whoever asks for
 * one of the names that have changed, and through them as far as their own shapes show it.
 */
export function affectedFiles(ts: TypeScriptModule, change: Change): ReadonlySet<string> | null {
  const { before, after } = change;
  const changed = new Set<string>();
  for (const file of after.program.getSourceFiles()) {
    const old = before.program.getSourceFile(file.fileName);
    if (old === file && isEqual(before.imports.get(file.fileName), after.imports.get(file.fileName))) continue;
    if (concernsAll(ts, file) || (old !== undefined && concernsAll(ts, old))) return null;
    changed.add(file.fileName);
  }
  for (const file of before.program.getSourceFiles()) {
    if (after.program.getSourceFile(file.fileName) === undefined && concernsAll(ts, file)) return null;
  }
  return spread(ts, { ...change, concernsAll: (file) => concernsAll(ts, file) }, changed);
}

/** It declares something that files see without importing it, or it comes from outside of what people edit. */
function concernsAll(ts: TypeScriptModule, file: TypeScript.SourceFile): boolean {
  if (file.fileName.endsWith('.json')) return false;
  if (file.isDeclarationFile && isInstalled(file.fileName)) return true;
  if (file.statements.some((statement) => ts.isNamespaceExportDeclaration(statement))) return true;
  const { moduleAugmentations = [], ambientModuleNames = [], commonJsModuleIndicator } = file as FileFacts;
  return (!ts.isExternalModule(file) && commonJsModuleIndicator === undefined) || moduleAugmentations.length > 0 || ambientModuleNames.length > 0;
}

function isEqual(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return a !== undefined && b !== undefined && a.size === b.size && [...a].every((one) => b.has(one));
}
