import type { Divided, ExportedName } from './divide.ts';
import { below, DEFAULT, hasNames, NO_NAMES, overlap, union, type Names } from './names.ts';

export interface ShownNamesOptions {
  /** What has come to be shown by the modules that a specifier of this file may mean. */
  readonly shownBy: (specifier: string) => Names;
  /** The compiler looks for names by which inferred types can be written down, wherever they are exported from. */
  readonly writesDeclarations: boolean;
}

/** The exported names whose meaning may be another than before: those declared otherwise, and all that refer to them. */
export function shownNames(old: Divided, now: Divided, { shownBy, writesDeclarations }: ShownNamesOptions): Names {
  if (old.rest !== now.rest || old.stars.join('\n') !== now.stars.join('\n')) return 'all';
  const shown = new Map<string, Names>();
  const show = (name: string, names: Names | undefined): void => { if (names !== undefined) shown.set(name, union(shown.get(name) ?? NO_NAMES, names)); };
  for (const star of now.stars) {
    const names = shownBy(star);
    if (names === 'all') return 'all';
    for (const [name, inner] of names) if (name !== DEFAULT) show(name, inner);
  }
  const locals = changedLocals(old, now, shownBy);
  for (const name of keysOf(old.exports, now.exports)) {
    const [then, today] = [old.exports.get(name), now.exports.get(name)];
    if (textOf(then) === textOf(today)) continue;
    if (writesDeclarations && (then?.kind === 'module' || today?.kind === 'module')) return 'all';
    show(name, 'all');
    // Whether it can be named from outside is told from it, too.
    for (const one of [then, today]) if (one?.kind === 'local') locals.set(one.local, 'all');
  }
  follow(now, locals, shownBy);
  for (const [name, exported] of now.exports) show(name, exported.kind === 'local' ? locals.get(exported.local) : taken(exported.name, shownBy(exported.specifier)));
  return shown;
}

/** Whether there is no difference that this file knows of. */
export function isSameDivided(old: Divided, now: Divided): boolean {
  const textOfAll = ({ parts, imports, exports, stars, rest }: Divided): string =>
    JSON.stringify([[...parts].map(([name, { text }]) => [name, text]), [...imports], [...exports], stars, rest]);
  return textOfAll(old) === textOfAll(now);
}

/** Local names that are declared or imported otherwise, or whose import has changed; for a namespace which of its members. */
function changedLocals(old: Divided, now: Divided, shownBy: (specifier: string) => Names): Map<string, Names> {
  const locals = new Map<string, Names>();
  for (const name of keysOf(old.parts, now.parts)) if (old.parts.get(name)?.text !== now.parts.get(name)?.text) locals.set(name, 'all');
  for (const name of keysOf(old.imports, now.imports)) {
    const [then, today] = [old.imports.get(name), now.imports.get(name)];
    const names = today === undefined || then?.specifier !== today.specifier || then.name !== today.name || then.isTypeOnly !== today.isTypeOnly ? 'all' : taken(today.name, shownBy(today.specifier));
    if (names !== undefined) locals.set(name, union(locals.get(name) ?? NO_NAMES, names));
  }
  return locals;
}

/** Adds what refers to one of the local names, directly or by others. */
function follow({ parts }: Divided, locals: Map<string, Names>, shownBy: (specifier: string) => Names): void {
  for (let isGrowing = true; isGrowing;) {
    isGrowing = false;
    for (const [name, { words, modules }] of parts) {
      if (locals.get(name) === 'all') continue;
      const refers = [...words].some(([word, names]) => word !== name && isMeant(names, locals.get(word)));
      if (!refers && !modules.some((one) => isMeant(one.names, shownBy(one.specifier)))) continue;
      locals.set(name, 'all');
      isGrowing = true;
    }
  }
}

function isMeant(names: Names, changed: Names | undefined): boolean {
  return changed !== undefined && hasNames(changed) && overlap(names, changed);
}

/** Of what a module shows that which comes with one of its names, or with the module itself; undefined for nothing. */
function taken(name: string | null, names: Names): Names | undefined {
  return name === null ? (hasNames(names) ? names : undefined) : below(names, name);
}

function textOf(exported: ExportedName | undefined): string {
  return exported === undefined ? '' : JSON.stringify(exported.kind === 'local' ? [exported.text, exported.local] : [exported.text, exported.specifier, exported.name]);
}

function keysOf(...maps: readonly ReadonlyMap<string, unknown>[]): Set<string> {
  return new Set(maps.flatMap((map) => [...map.keys()]));
}
