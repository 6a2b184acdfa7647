import { statSync } from 'node:fs';
import path from 'node:path';
import { compareText } from '../model/finding.ts';
import type { ImportGraph, UnresolvedImport } from '../model/import-graph.ts';
import { LIMITS } from '../model/limits.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { createReachability } from './reachability.ts';
import { ModuleResolver, type GraphInput } from './module-resolver.ts';
import { findModuleSpecifiers, provenOffsets, type ModuleSpecifier } from './module-specifiers.ts';
import { SOURCE_FILE } from './script-blocks.ts';
import { createSourceLocator } from './source-locator.ts';

/** Example projects are test data: an import in one may be broken on purpose. Its edges still count. */
const FIXTURES = /(?:^|\/)(?:fixtures|__fixtures__|testdata)\//;

type Edge = readonly [from: string, to: string];

/**
 * Reads every source of the workspace once and resolves what it imports. Binary files and those beyond the size limit are
 * leaves. Synchronous: parsing and resolving are, and take a millisecond a file or less.
 */
export function buildImportGraph(workspace: GraphInput): ImportGraph {
  const sources = workspace.files.filter((file) => SOURCE_FILE.test(file));
  const specifiers = new Map<string, readonly ModuleSpecifier[]>();
  const ambient = new Set<string>();
  for (const file of sources) {
    const text = readSource(path.join(workspace.root, file));
    if (text === null) continue;
    specifiers.set(file, findModuleSpecifiers(file, text));
    for (const match of text.matchAll(/\bdeclare\s+module\s+(["'])([^"'\n]+)\1/g)) ambient.add(match[2] ?? '');
  }
  const resolver = new ModuleResolver(workspace, [...ambient]);
  const direct = new Map<string, Set<string>>();
  const runtimeEdges: Edge[] = [];
  const unresolved: UnresolvedImport[] = [];
  for (const [file, list] of specifiers) {
    const targets = new Set<string>();
    const runtime = new Set<string>();
    const lost: ModuleSpecifier[] = [];
    for (const specifier of list) {
      for (const target of resolver.removedBehind(file, specifier)) targets.add(target);
      const resolution = resolver.resolve(file, specifier);
      if (resolution.kind === 'package') targets.add(packageNode(resolution.folder));
      else if (resolution.kind === 'files') {
        for (const target of resolution.files) targets.add(target);
        if (specifier.isRuntime) for (const target of resolution.files) runtime.add(target);
      } else if (resolution.kind === 'nowhere') lost.push(specifier);
    }
    if (lost.length > 0 && !FIXTURES.test(file)) unresolved.push(...describeLost(workspace.root, file, lost));
    direct.set(file, targets);
    for (const target of [...runtime].sort(compareText)) if (target !== file) runtimeEdges.push([file, target]);
  }
  return createReachability({ direct, wholePackage: membersByPackage(workspace), runtimeEdges, unresolved });
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

function describeLost(root: string, file: string, lost: readonly ModuleSpecifier[]): UnresolvedImport[] {
  const text = readSource(path.join(root, file)) ?? '';
  const proven = lost.some(({ trust }) => trust === 'likely') ? provenOffsets(file, text) : new Set<number>();
  return lost.filter(({ trust, offset }) => trust === 'certain' || (trust === 'likely' && proven.has(offset))).map(({ specifier, offset }) => {
    const before = text.slice(0, offset).split('\n');
    return { file, specifier, line: before.length, column: (before.at(-1) ?? '').length + 1 };
  });
}
