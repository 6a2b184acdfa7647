import { readlinkSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { lstatIfThere, statLine } from '../system/file-times.ts';
import { isMissing } from '../system/read-text.ts';
import { isOutputName, isOutputNameInside, isScanned } from './file-kinds.ts';
import type { FileMemo } from './file-memo.ts';
import { isInside } from './is-inside.ts';
import type { Mentions } from './mentions.ts';
import { entriesOf } from './outside-paths.ts';

/** More ignored and linked files than this are data; looking at them each time would take longer than it saves. */
export const EXTRA_FILES_MAX = 50_000;

/** What was found, by path relative to the root. A value says all of a file that a tool can see: content, executable bit, link. */
export interface TreeFiles {
  readonly files: Map<string, string>;
  /** Those of `files` that git ignores, or that lie outside. */
  readonly extra: Set<string>;
  readonly names: Set<string>;
  /** Words of scripts and commands that may be names of programs. */
  readonly programs: Set<string>;
  /** Those of `files` that may ask git about the repository. */
  readonly gitUsers: Set<string>;
  /** Folders called node_modules. */
  readonly places: Set<string>;
  /** Paths named in files that lead out of the root. */
  readonly outside: Set<string>;
  problem: string | null;
}

export interface TreeFilesOptions {
  /** Absolute and real. */
  readonly root: string;
  readonly memo: FileMemo;
  /** Names or paths of ignored files and folders that no check reads. */
  readonly outputs: readonly string[];
}

export function emptyTreeFiles(): TreeFiles {
  return { files: new Map(), extra: new Set(), names: new Set(), programs: new Set(), gitUsers: new Set(), places: new Set(), outside: new Set(), problem: null };
}

/** One listed file, if it is there. */
export function addListed(file: string, into: TreeFiles, options: TreeFilesOptions): void {
  addPath(file, { isExtra: false, isIgnored: false, linked: null, into, options });
}

/** Ignored files: they are read by tools like any other, but for those that tools make for themselves. */
export function addIgnored(ignored: readonly string[], into: TreeFiles, options: TreeFilesOptions): void {
  for (const entry of ignored) {
    const file = entry.replace(/\/$/, '');
    if (path.posix.basename(file) === 'node_modules') into.places.add(file);
    else if (!isOutputName(path.posix.basename(file)) && !isDeclaredOutput(file, options.outputs)) addPath(file, { isExtra: true, isIgnored: true, linked: null, into, options });
  }
}

/** A file or folder that somebody named, wherever it lies; also one that tools are known to write. */
export function addNamed(file: string, into: TreeFiles, options: TreeFilesOptions): void {
  const absolute = path.resolve(options.root, file);
  if (lstatIfThere(absolute) === null) into.files.set(file, 'nothing');
  else addPath(file, { isExtra: true, isIgnored: false, linked: linkedTo(file, absolute, options.root), into, options });
}

interface Linked {
  readonly from: string;
  readonly to: string;
}

interface Adding {
  readonly isExtra: boolean;
  /** What tools make for themselves is left out only where git ignores it. */
  readonly isIgnored: boolean;
  /** Where a link leads out of the root: what lies at `from` is really at `to`, and names what lies beside it there. */
  readonly linked: Linked | null;
  readonly into: TreeFiles;
  readonly options: TreeFilesOptions;
}

function addPath(file: string, adding: Adding): void {
  const stats = lstatIfThere(path.resolve(adding.options.root, file));
  if (stats === null || adding.into.files.has(file)) return;
  if (stats.isSymbolicLink()) {
    adding.options.memo.see(`${file} ->`, statLine(stats));
    addLink(file, adding);
  }
  else if (stats.isDirectory()) addFolder(file, adding);
  else addFile(file, stats, '', adding);
}

function addFile(file: string, stats: Stats, link: string, { isExtra, linked, into, options }: Adding): void {
  // A pipe or a socket has no content.
  const content = stats.isFile() ? options.memo.contentOf(file, stats) : { digest: 'special', mentions: null };
  if (content === null) return;
  into.files.set(file, `${(stats.mode & 0o111) === 0 ? '' : 'x'}${content.digest}${link}`);
  if (isExtra) into.extra.add(file);
  if (into.extra.size > EXTRA_FILES_MAX) into.problem ??= `there are more than ${String(EXTRA_FILES_MAX)} files that git ignores or that links lead to; name those that no check reads in cache.outputs`;
  addMentions(file, content.mentions, into);
  const real = linked === null ? null : linked.to + file.slice(linked.from.length);
  if (real !== null && isScanned(real)) addMentions(file, options.memo.contentOf(real, stats)?.mentions ?? null, into);
}

function addMentions(file: string, mentions: Mentions | null, into: TreeFiles): void {
  if (mentions === null) return;
  for (const name of mentions.names) into.names.add(name);
  for (const name of mentions.programs) into.programs.add(name);
  for (const target of mentions.outside) into.outside.add(target);
  if (mentions.usesGit) into.gitUsers.add(file);
}

/** What a link into the tree leads to is there under its own name. */
function addLink(file: string, adding: Adding): void {
  const { root } = adding.options;
  const absolute = path.resolve(root, file);
  const link = ` -> ${readlinkSync(absolute).replaceAll(root, '<root>')}`;
  const stats = statThrough(absolute);
  if (stats === null) adding.into.files.set(file, `nothing${link}`);
  else {
    const linked = linkedTo(file, absolute, root);
    if (!stats.isDirectory()) {
      addFile(file, stats, link, { ...adding, linked });
      return;
    }
    adding.into.files.set(file, `folder${link}`);
    // One that leads upward would be walked for ever.
    if (linked !== null && !isInside(root, path.resolve(root, linked.to))) addFolder(file, { ...adding, isExtra: true, linked });
  }
}

function linkedTo(file: string, absolute: string, root: string): Linked | null {
  const real = statThrough(absolute) === null ? absolute : realpathSync.native(absolute);
  return real === absolute || isInside(real, root) ? null : { from: file, to: path.relative(root, real).split(path.sep).join('/') };
}

/** Also another repository within this one, of which git lists the folder alone. */
function addFolder(folder: string, adding: Adding): void {
  const { into, options } = adding;
  for (const name of entriesOf(path.resolve(options.root, folder))) {
    if (into.problem !== null) return;
    const file = `${folder}/${name}`;
    if (name === 'node_modules') into.places.add(file);
    else if (name !== '.git' && !(adding.isIgnored && (isOutputNameInside(name) || isDeclaredOutput(file, options.outputs, name)))) addPath(file, { ...adding, isExtra: true });
  }
}

function isDeclaredOutput(file: string, outputs: readonly string[], name = path.posix.basename(file)): boolean {
  return outputs.some((output) => (output.includes('/') ? `${file}/`.startsWith(`${output.replace(/^\.\//, '').replace(/\/$/, '')}/`) : name === output));
}

function statThrough(file: string): Stats | null {
  try {
    return statSync(file);
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && (error.code === 'ELOOP' || error.code === 'EACCES'))) return null;
    throw error;
  }
}
