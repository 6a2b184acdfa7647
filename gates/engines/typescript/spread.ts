import path from 'node:path';
import type TypeScript from 'typescript';
import type { Change, Linked } from './affected.ts';
import type { TypeScriptModule } from './load.ts';
import { clipped, covers, DEFAULT, hasNames, NO_NAMES, overlap, union, type Names } from './names.ts';
import { isCommonJs, Requests } from './requests.ts';
import { shapeOf, type Shape } from './shape.ts';
import { isSameDivided, shownNames } from './shown-names.ts';

export interface Spreading extends Change {
  /** It declares something that files see without importing it. */
  readonly concernsAll: (file: TypeScript.SourceFile) => boolean;
}

/** `z.core.util` is as deep as people go. */
const DEPTH_MAX = 3;

/** From changed files on to all that they may matter to, the changed ones among them; null for every file. */
export function spread(ts: TypeScriptModule, change: Spreading, changed: ReadonlySet<string>): ReadonlySet<string> | null {
  const { after, shapes, isNoisy } = change;
  const importers = importersOf(after);
  const requests = new Requests(ts, { program: after.program, isNoisy });
  const affected = new Set(changed);
  // What is said of a name that is not exported may be about one that is not to be seen.
  for (const name of changed) for (const importer of importers.get(name) ?? []) if (isNoisy(importer)) affected.add(importer);
  const shown = new Map<string, Names>();
  const fresh = new Map<string, Shape>();
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    // What was looked at before may show what has come to be shown since.
    for (const name of [...affected]) {
      const known = shown.get(name) ?? NO_NAMES;
      if (known === 'all') continue;
      const own = shownBy(ts, change, { name, shown, fresh });
      const file = after.program.getSourceFile(name);
      const names = clipped(union(known, hasNames(own) && file !== undefined && isCommonJs(ts, file) ? union(own, new Map([[DEFAULT, 'all']])) : own), DEPTH_MAX);
      if (covers(known, names)) continue;
      if (file !== undefined && change.concernsAll(file)) return null;
      shown.set(name, names);
      isGrowing = true;
      for (const importer of importers.get(name) ?? []) {
        const asked = requests.of(importer, name);
        if (hasNames(asked) && overlap(asked, names)) affected.add(importer);
      }
    }
  }
  for (const name of affected) shapes.delete(name);
  for (const [name, shape] of fresh) shapes.set(name, shape);
  return affected;
}

interface Look {
  readonly name: string;
  /** What is known by now of all files. */
  readonly shown: ReadonlyMap<string, Names>;
  readonly fresh: Map<string, Shape>;
}

/** The names of one file that may mean something else than before. */
function shownBy(ts: TypeScriptModule, change: Spreading, { name, shown, fresh }: Look): Names {
  const { before, after } = change;
  const pair = shapesOf(ts, change, name, fresh);
  if (pair === null) return 'all';
  const { old, now } = pair;
  const [then, today] = [before.imports.get(name), after.imports.get(name) ?? new Set<string>()];
  // Another file than before, by the same name, is as good as a change of it.
  const shows = (file: string): Names => (today.has(file) && then?.has(file) !== true ? 'all' : (shown.get(file) ?? NO_NAMES));
  const lost = new Set([...(then ?? [])].filter((file) => !today.has(file)));
  const isRelinked = then?.size !== today.size || lost.size > 0;
  let leads: readonly ReadonlyMap<string, readonly string[]>[] | null = null;
  const isTouched = isRelinked || [...today].some((file) => hasNames(shows(file)));
  const ofSpecifier = (specifier: string): Names => {
    const [ledTo, leadsTo] = (leads ??= [before, after].map(({ program }) => leadsOf(program, name)));
    const places = placesOf(specifier, name);
    const own = leadsTo?.get(specifier);
    if (own !== undefined) return ledTo?.get(specifier)?.join('\n') === own.join('\n') ? own.map(shows).reduce(union, NO_NAMES) : 'all';
    const found = after.program.getCompilerOptions().moduleSuffixes === undefined ? places.filter((place) => after.program.getSourceFile(place) !== undefined) : [];
    if (places.some((place) => lost.has(place))) return 'all';
    return found.length > 0 ? found.map(shows).reduce(union, NO_NAMES) : isTouched ? 'all' : NO_NAMES;
  };
  if (old.divided !== null && now.divided !== null) {
    // Something in it is not divided; then it is no name's.
    if (old.text !== now.text && isSameDivided(old.divided, now.divided)) return 'all';
    const { declaration, composite } = after.program.getCompilerOptions();
    return shownNames(old.divided, now.divided, { shownBy: ofSpecifier, writesDeclarations: declaration === true || composite === true });
  }
  if (old.text !== now.text) return 'all';
  return isTouched && (now.open || now.specifiers.some((specifier) => hasNames(ofSpecifier(specifier)))) ? 'all' : NO_NAMES;
}

/** Where the specifiers that a file itself writes lead to. */
function leadsOf(program: TypeScript.Program, name: string): ReadonlyMap<string, readonly string[]> {
  const checker = program.getTypeChecker();
  const imports = (program.getSourceFile(name) as { imports?: readonly TypeScript.StringLiteralLike[] } | undefined)?.imports ?? [];
  return new Map(imports.map((one) => [one.text, (checker.getSymbolAtLocation(one)?.declarations ?? []).map((declaration) => declaration.getSourceFile().fileName)]));
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

/** Where a relative specifier that the compiler has put into a file's declarations leads to, by the rules that all configurations have in common. */
function placesOf(specifier: string, from: string): string[] {
  if (!specifier.startsWith('.')) return [];
  const stem = path.resolve(path.dirname(from), specifier).replace(/\.[cm]?jsx?$/, '');
  return SUFFIXES.map((suffix) => stem + suffix);
}

const SUFFIXES = ['', '.ts', '.tsx', '.mts', '.cts', '.d.ts', '.d.mts', '.d.cts', '.json', '/index.ts', '/index.tsx', '/index.mts', '/index.cts', '/index.d.ts'];

function importersOf({ imports }: Linked): ReadonlyMap<string, ReadonlySet<string>> {
  const importers = new Map<string, Set<string>>();
  for (const [from, targets] of imports) {
    for (const target of targets) importers.set(target, (importers.get(target) ?? new Set()).add(from));
  }
  return importers;
}
