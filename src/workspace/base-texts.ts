import { runGit, splitNul, type GitOptions } from '../system/git.ts';
import { contentAt } from './changed-since.ts';
import { findMergeBase } from './changed.ts';
import { SOURCE_FILE } from './script-blocks.ts';

/** Paths in one command: below every system's limit for its words. */
const CHUNK = 200;
const TYPESCRIPT = /\.(?:[cm]?ts|tsx)$/;

export interface BaseTextsOptions {
  /** HEAD's commit; null where there is none: then nothing was there before. */
  readonly head: string | null;
  /** As the user wrote it. */
  readonly base: string;
  readonly git: GitOptions;
}

/**
 * What these files were at the base, of those that may have declared something for others: an augmentation, or a script of TypeScript, whose
 * names are everybody's. Reading all of them would take a process for each.
 */
export async function declaringTextsAtBase(files: readonly string[], { head, base, git }: BaseTextsOptions): Promise<ReadonlyMap<string, string>> {
  const sources = files.filter((file) => SOURCE_FILE.test(file));
  if (head === null || sources.length === 0) return new Map();
  const commit = base === 'HEAD' ? head : await findMergeBase(base, git);
  const texts = new Map<string, string>();
  for (let at = 0; at < sources.length; at += CHUNK) {
    const chunk = sources.slice(at, at + CHUNK);
    const found = await Promise.all([
      grep(['-l', '-E', '-e', 'declare[[:space:]]+(global|module)'], chunk, commit, git),
      grep(['-L', '-E', '-e', '^[[:space:]]*(import|export)'], chunk.filter((file) => TYPESCRIPT.test(file)), commit, git),
    ]);
    for (const file of new Set(found.flat())) {
      const text = await contentAt(file, commit, git);
      if (text !== null) texts.set(file, text);
    }
  }
  return texts;
}

/** Where git does not tell, all of them. */
async function grep(args: readonly string[], files: readonly string[], commit: string, git: GitOptions): Promise<readonly string[]> {
  if (files.length === 0) return [];
  const result = await runGit(['--literal-pathspecs', 'grep', '-z', '--no-color', ...args, commit, '--', ...files], git);
  if (result.kind === 'done') return splitNul(result.stdout).map((name) => name.slice(commit.length + 1));
  return result.kind === 'failed' && result.exitCode === 1 ? [] : files;
}
