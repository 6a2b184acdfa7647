import { statSync } from 'node:fs';
import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { ImportGraph, UnresolvedImport } from '../model/import-graph.ts';
import { LIMITS } from '../model/limits.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { createReachability } from './reachability.ts';
import { ModuleResolver, type GraphInput, type Resolution } from './module-resolver.ts';
import { KnownSources, type Source } from './known-sources.ts';
import { provenOffsets, type ModuleSpecifier } from './module-specifiers.ts';
import { startsPrograms } from './open-imports.ts';
import { SOURCE_FILE } from './script-blocks.ts';
import { createSourceLocator } from './source-locator.ts';

/** Example projects are test data: an import in one may be broken on purpose. Its edges still count. */
const FIXTURES = /(?:^|\/)(?:fixtures|__fixtures__|testdata)\//;

type Edge = readonly [from: string, to: string];

/**
 * Reads every source of the workspace once and resolves what it imports. Binary files and those beyond the size limit are
 * leaves. Synchronous: parsing and resolving are, and take a millisecond a file or less. `known` spares parsing what has not changed since
 * it was used last.
 */
export function buildImportGraph(workspace: GraphInput, known: KnownSources = new KnownSources()): ImportGraph {
  const read = readSources(workspace, known);
  const resolver = new ModuleResolver(workspace, [...read.ambient]);
  const there = new Set(workspace.files);
  const direct = new Map<string, Set<string>>();
  const runtimeEdges: Edge[] = [];
  const unresolved: UnresolvedImport[] = [];
  const open = new Set<string>();
  for (const [file, source] of read.sources) {
    const { specifiers, mayMean, isOpen } = source;
    const { targets, runtime, lost, isUnknown } = resolveAll(file, specifiers, resolver, there);
    if (mayMean !== null) for (const target of [...workspace.files, ...workspace.removed].filter(mayMean)) targets.add(target);
    if (isOpen || isUnknown) open.add(file);
    if (lost.length > 0 && !FIXTURES.test(file)) unresolved.push(...describeLost(workspace.root, file, source, lost));
    direct.set(file, targets);
    for (const target of [...runtime].sort(compareText)) if (target !== file) runtimeEdges.push([file, target]);
  }
  const starters = new Set([...read.sources].filter(([, { specifiers }]) => specifiers.some(({ specifier }) => startsPrograms(specifier))).map(([file]) => file));
  return createReachability({ direct, wholePackage: membersByPackage(workspace), runtimeEdges, unresolved, open, starters, effects: new Map([...read.sources].map(([file, { effects }]) => [file, effects])) });
}

/** `ambient`: names of modules that some declaration makes known. */
function readSources(workspace: GraphInput, known: KnownSources): { sources: ReadonlyMap<string, Source>; ambient: ReadonlySet<string> } {
  const sources = new Map<string, Source>();
  const locator = createSourceLocator(workspace);
  const ambient = new Set<string>();
  for (const file of workspace.files.filter((one) => SOURCE_FILE.test(one))) {
    const source = known.read(workspace.root, file, [locator.packageOf(file), '']);
    if (source === null) continue;
    sources.set(file, source);
    for (const name of source.effects.augmented) ambient.add(name);
  }
  known.forgetOthers();
  return { sources, ambient };
}

interface Resolved {
  readonly targets: Set<string>;
  readonly runtime: ReadonlySet<string>;
  readonly lost: readonly ModuleSpecifier[];
  readonly isUnknown: boolean;
}

function resolveAll(file: string, specifiers: readonly ModuleSpecifier[], resolver: ModuleResolver, there: ReadonlySet<string>): Resolved {
  const targets = new Set<string>();
  const runtime = new Set<string>();
  const lost: ModuleSpecifier[] = [];
  let isUnknown = false;
  const add = (resolution: Resolution, isRuntime: boolean): void => {
    if (resolution.kind === 'package') targets.add(packageNode(resolution.folder));
    if (resolution.kind !== 'files') return;
    const files = resolution.files.flatMap((target) => [target, ...declaredBy(target, there)]);
    for (const target of files) targets.add(target);
    // What stands in for a file is looked at by the compiler or on another platform: no import of this one at run time.
    for (const target of resolution.files) for (const other of resolver.standInsFor(target)) targets.add(other);
    if (isRuntime) for (const target of files) runtime.add(target);
  };
  for (const specifier of specifiers) {
    const { isRuntime } = specifier;
    for (const target of resolver.removedBehind(file, specifier)) targets.add(target);
    const { resolution, besides } = resolver.resolve(file, specifier);
    const alias = resolver.aliased(file, specifier);
    add(resolution, isRuntime);
    for (const one of besides) add(one, false);
    const isLost = resolution.kind === 'nowhere' || resolution.kind === 'unknown';
    // An alias is one of several that may be meant, so that nothing is built on it but what errs on the safe side.
    for (const one of alias?.found ?? []) add(one, isRuntime && isLost && alias?.found.length === 1);
    if (isRuntime && (alias?.isOpaque === true || (isLost && (alias?.found.length ?? 0) === 0))) isUnknown = true;
    if (resolution.kind === 'nowhere' && alias?.isOpaque !== true && (alias?.found.length ?? 0) === 0) lost.push(specifier);
  }
  return { targets, runtime, lost, isUnknown };
}

/** The scripts that a declaration stands beside, and that are loaded in its place. */
function declaredBy(file: string, there: ReadonlySet<string>): string[] {
  const [, stem, kind = ''] = /^(.+)\.d\.([cm]?)ts$/.exec(file) ?? [];
  return stem === undefined ? [] : [`${stem}.${kind}js`, ...(kind === '' ? [`${stem}.jsx`] : [])].filter((script) => there.has(script));
}

/** Stands for all files of a package, so that an import of it is one edge. No file has such a name. */
export function packageNode(folder: string): string {
  return `\0${folder}`;
}

function membersByPackage(workspace: GraphInput): ReadonlyMap<string, readonly string[]> {
  const locator = createSourceLocator(workspace);
  const members = new Map<string, string[]>();
  for (const file of [...workspace.files, ...workspace.removed]) {
    const node = packageNode(locator.packageOf(file));
    const list = members.get(node);
    if (list === undefined) members.set(node, [file]);
    else list.push(file);
  }
  return members;
}

function readSource(file: string): string | null {
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const text = size > LIMITS.fileBytesMax ? null : readTextIfThere(file);
  return text?.includes('\0') === true ? null : text;
}

/** Of a source that has not changed nothing is asked twice: to prove an import takes the whole syntax tree. */
const described = new WeakMap<Source, ReadonlyMap<ModuleSpecifier, UnresolvedImport | null>>();

function describeLost(root: string, file: string, source: Source, lost: readonly ModuleSpecifier[]): UnresolvedImport[] {
  let known = described.get(source);
  if (known === undefined || !lost.every((one) => known?.has(one))) described.set(source, (known = describe(root, file, lost)));
  return lost.map((one) => known.get(one) ?? null).filter((one) => one !== null);
}

/** Null for what only looks like an import that must lead somewhere. */
function describe(root: string, file: string, lost: readonly ModuleSpecifier[]): ReadonlyMap<ModuleSpecifier, UnresolvedImport | null> {
  const text = readSource(path.join(root, file)) ?? '';
  const proven = lost.some(({ trust }) => trust === 'likely') ? provenOffsets(file, text) : new Set<number>();
  return new Map(lost.map((one) => {
    const { trust, offset, specifier } = one;
    if (trust !== 'certain' && !(trust === 'likely' && proven.has(offset))) return [one, null];
    const before = text.slice(0, offset).split('\n');
    return [one, { file, specifier, line: before.length, column: (before.at(-1) ?? '').length + 1 }];
  }));
}
