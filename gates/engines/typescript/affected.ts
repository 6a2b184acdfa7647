import path from 'node:path';
import type TypeScript from 'typescript';
import { isInstalled } from '../workspace-path.ts';
import type { TypeScriptModule } from './load.ts';
import { shapeOf, type Shape } from './shape.ts';

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
 * others are their shapes: a change that leaves a shape as it was stays where it is, any other goes on to whoever imports
 * the file, and through them as far as their own shapes show it.
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
  return spread(ts, change, changed);
}

function spread(ts: TypeScriptModule, change: Change, changed: ReadonlySet<string>): ReadonlySet<string> | null {
  const { after, shapes } = change;
  const importers = importersOf(after);
  const affected = new Set(changed);
  const shown = new Set<string>();
  const fresh = new Map<string, Shape>();
  const shows = (name: string): boolean => {
    const pair = shapesOf(ts, change, name, fresh);
    if (pair === null || pair.old.text !== pair.now.text) return true;
    const [before, now] = [change.before.imports.get(name), after.imports.get(name) ?? new Set<string>()];
    // Another file than before, by the same name, is as good as a change of it.
    const added = new Set([...now].filter((one) => before?.has(one) !== true));
    if (isEqual(before, now) && ![...now].some((one) => shown.has(one))) return false;
    return pair.now.open || pair.now.specifiers.some((specifier) => leadsTo(specifier, name, { after, isDifferent: (one) => shown.has(one) || added.has(one) }));
  };
  let pending = [...changed];
  while (pending.length > 0) {
    const next = new Set<string>();
    for (const name of pending) {
      if (shown.has(name) || !shows(name)) continue;
      const file = after.program.getSourceFile(name);
      if (file !== undefined && concernsAll(ts, file)) return null;
      shown.add(name);
      for (const importer of importers.get(name) ?? []) {
        affected.add(importer);
        next.add(importer);
      }
    }
    // What was looked at before may show what has come to be shown since.
    pending = next.size > 0 ? [...affected].filter((name) => !shown.has(name)) : [];
  }
  for (const name of affected) shapes.delete(name);
  for (const [name, shape] of fresh) shapes.set(name, shape);
  return affected;
}

/** Null for a file that was not there before. */
function shapesOf(ts: TypeScriptModule, { before, after, shapes }: Change, name: string, fresh: Map<string, Shape>): { old: Shape; now: Shape } | null {
  const [then, today] = [before.program.getSourceFile(name), after.program.getSourceFile(name)];
  if (then === undefined || today === undefined) return null;
  const old = shapes.get(name) ?? shapeOf(ts, before.program, then);
  shapes.set(name, old);
  const now = fresh.get(name) ?? shapeOf(ts, after.program, today);
  fresh.set(name, now);
  return { old, now };
}

/** Whether a module that a file's declarations name is one whose shape has changed. What can't be told is. */
function leadsTo(specifier: string, from: string, { after, isDifferent }: { after: Linked; isDifferent: (file: string) => boolean }): boolean {
  if (!specifier.startsWith('.')) return true;
  const stem = path.resolve(path.dirname(from), specifier).replace(/\.[cm]?jsx?$/, '');
  const found = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.json', '/index.ts', '/index.tsx', '/index.mts', '/index.cts', '/index.d.ts']
    .map((suffix) => stem + suffix).filter((name) => after.program.getSourceFile(name) !== undefined);
  return found.length === 0 || found.some(isDifferent);
}

function importersOf({ imports }: Linked): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  for (const [from, targets] of imports) {
    for (const target of targets) importers.set(target, (importers.get(target) ?? new Set()).add(from));
  }
  return importers;
}

/** It declares something that files see without importing it, or it comes from outside of what people edit. */
function concernsAll(ts: TypeScriptModule, file: TypeScript.SourceFile): boolean {
  if (file.fileName.endsWith('.json')) return false;
  if (file.isDeclarationFile && isInstalled(file.fileName)) return true;
  const { moduleAugmentations = [], ambientModuleNames = [], commonJsModuleIndicator } = file as FileFacts;
  return (!ts.isExternalModule(file) && commonJsModuleIndicator === undefined) || moduleAugmentations.length > 0 || ambientModuleNames.length > 0;
}

function isEqual(a: ReadonlySet<string> | undefined, b: ReadonlySet<string> | undefined): boolean {
  return a !== undefined && b !== undefined && a.size === b.size && [...a].every((one) => b.has(one));
}
