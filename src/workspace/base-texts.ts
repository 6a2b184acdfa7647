import { randomUUID } from 'node:crypto';
import { runGit, splitNul, type GitOptions } from '../system/git.ts';
import { contentAt } from './changed-since.ts';
import { findMergeBase } from './changed.ts';

export interface BaseTextsOptions {
  /** HEAD's commit; null where there is none: then nothing was there before. */
  readonly head: string | null;
  /** As the user wrote it. */
  readonly base: string;
  readonly git: GitOptions;
}

/** Paths in one command: below every system's limit for its words. More new files than this are a change of everything. */
const LISTED_MAX = 1_000;

/** What these files were at the base, of those that were there. Null where git does not tell. */
export async function textsAtBase(files: readonly string[], { head, base, git }: BaseTextsOptions): Promise<ReadonlyMap<string, string> | null> {
  if (head === null || files.length === 0) return new Map();
  const commit = base === 'HEAD' ? head : await findMergeBase(base, git);
  // What a partial clone lacks would be fetched.
  const here = { ...git, environment: { ...git.environment, GIT_NO_LAZY_FETCH: '1' } };
  // The words of a line end with its first blank.
  const texts = await batch(files.filter((file) => !/\s/.test(file)), commit, here);
  if (texts === null) return null;
  for (const file of files.filter((one) => /\s/.test(one))) {
    const text = await contentAt(file, commit, here);
    if (text !== null) texts.set(file, text);
  }
  const missing = files.filter((file) => !texts.has(file));
  if (missing.length === 0) return texts;
  // One that is listed and not to be had was there.
  const listed = await runGit(['--literal-pathspecs', 'ls-tree', '-r', '-z', '--name-only', commit, '--', ...missing.slice(0, LISTED_MAX)], here);
  return listed.kind === 'done' && splitNul(listed.stdout).length === 0 && missing.length <= LISTED_MAX ? texts : null;
}

async function batch(files: readonly string[], commit: string, git: GitOptions): Promise<Map<string, string> | null> {
  if (files.length === 0) return new Map();
  // Sizes are in bytes and texts are decoded, so a word that stands nowhere else says where each begins.
  const mark = randomUUID();
  const result = await runGit(['cat-file', `--batch=${mark} %(rest)`], {
    ...git,
    input: files.map((file) => `${commit}:${file} ${file}\n`).join(''),
  });
  if (result.kind !== 'done') return null;
  const [, ...parts] = result.stdout.split(`${mark} `);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)] as const));
}
