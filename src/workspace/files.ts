import { readdirSync, statSync, type Dirent } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { compareText } from '../model/finding.ts';
import { isRelayFile } from '../model/relay-files.ts';
import { runGit, splitNul, type Environment } from '../system/git.ts';
import { globTest, ignoreTest, onOneLine } from '../system/globs.ts';
import { readTextIfThere } from '../system/read-text.ts';
import type { Root } from './root.ts';
import { WorkspaceError } from './workspace-error.ts';

/** Never looked at, whether git ignores them or not: installed packages and version control's own files. */
const NEVER = new Set(['node_modules', '.git', '.hg', '.svn', '.jj', '.yarn']);

export interface ListFilesOptions {
  /** Globs, relative to the root. */
  readonly exclude: readonly string[];
  /** Folder of the relay, relative to the root: its own files are none of the project. */
  readonly relay: string;
  readonly environment: Environment;
}

export interface FileList {
  readonly files: readonly string[];
  /** What git does not track and does not ignore, also what is no file of the workspace; empty outside git. */
  readonly untracked: readonly string[];
}

/**
 * Every file that is tracked or untracked but not ignored, posix, relative to the root, in code-unit order. Only what can be
 * read as a file now: deleted files, submodules and links to folders are left out. Outside git, .gitignore files count too.
 */
export async function listFiles(root: Root, { exclude, relay, environment }: ListFilesOptions): Promise<FileList> {
  const { tracked, untracked } = root.isGit ? await listWithGit(root.root, environment) : { tracked: walk(root.root), untracked: [] };
  const isExcluded = globTest(exclude);
  const isThere = createFileTest(root.root);
  const files = [...new Set([...tracked, ...untracked])]
    .filter((file) => !file.split('/').some((part) => NEVER.has(part)) && !isRelayFile(file, relay) && !isExcluded(file))
    .filter(isThere)
    .sort(compareText);
  return { files, untracked };
}

/** Reads each folder once, which is a fraction of the calls; asks about a file itself only where its folder does not tell. */
function createFileTest(root: string): (file: string) => boolean {
  const folders = new Map<string, ReadonlyMap<string, Dirent>>();
  return (file) => {
    const folder = path.posix.dirname(file);
    let entries = folders.get(folder);
    if (entries === undefined) folders.set(folder, (entries = entriesOf(path.join(root, folder))));
    // A link may lead to a file, and some file systems have names in other spellings than git.
    return entries.get(path.posix.basename(file))?.isFile() === true || isFile(path.join(root, file));
  };
}

function entriesOf(folder: string): ReadonlyMap<string, Dirent> {
  try {
    return new Map(readdirSync(folder, { withFileTypes: true }).map((entry) => [entry.name, entry]));
  } catch (error) {
    if (error instanceof Error && 'code' in error) return new Map();
    throw error;
  }
}

/** A link that leads to itself is no file. */
function isFile(file: string): boolean {
  try {
    return statSync(file, { throwIfNoEntry: false })?.isFile() === true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ELOOP') return false;
    throw error;
  }
}

async function listWithGit(root: string, environment: Environment): Promise<{ tracked: string[]; untracked: string[] }> {
  const result = await runGit(['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard', '--exclude=node_modules'], { cwd: root, environment });
  if (result.kind !== 'done') throw new WorkspaceError('git-refused', `${root}: git ls-files failed: ${result.kind === 'failed' ? result.message : 'git is gone'}`);
  const tracked: string[] = [];
  const untracked: string[] = [];
  for (const line of splitNul(result.stdout)) (line.startsWith('? ') ? untracked : tracked).push(line.slice(2));
  return { tracked, untracked };
}

interface Rules {
  /** Posix path of the folder whose .gitignore this is, with a slash at its end; '' is the root. */
  readonly prefix: string;
  readonly rules: Ignore;
}

function walk(root: string): string[] {
  const files: string[] = [];
  const pending: { prefix: string; inherited: readonly Rules[] }[] = [{ prefix: '', inherited: [] }];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    const { prefix } = folder;
    const text = readTextIfThere(path.join(root, prefix, '.gitignore'));
    const rules = text === null ? folder.inherited : [...folder.inherited, { prefix, rules: ignore().add(text) }];
    for (const entry of readdirSync(path.join(root, prefix), { withFileTypes: true })) {
      const file = prefix + entry.name;
      if (NEVER.has(entry.name)) continue;
      if (entry.isDirectory()) {
        if (!isIgnored(`${file}/`, rules)) pending.push({ prefix: `${file}/`, inherited: rules });
      } else if (!isIgnored(file, rules)) files.push(file);
    }
  }
  return files;
}

/**
 * The innermost .gitignore that says anything about the path itself decides. About its folders nothing needs to be asked: an
 * ignored one was not walked into, and one that an inner file took back is not ignored.
 */
function isIgnored(file: string, rules: readonly Rules[]): boolean {
  for (const { prefix, rules: own } of [...rules].reverse()) {
    const relative = file.slice(prefix.length);
    const verdict = own.test(onOneLine(relative));
    if (verdict.unignored) return false;
    if (verdict.ignored && !isBelowIgnored(relative, own)) return true;
  }
  return false;
}

function isBelowIgnored(relative: string, own: Ignore): boolean {
  const slash = relative.replace(/\/$/, '').lastIndexOf('/');
  return slash !== -1 && ignoreTest(own)(relative.slice(0, slash + 1));
}
