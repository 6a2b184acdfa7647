import { randomUUID } from 'node:crypto';
import { runGit, type GitOptions } from '../system/git.ts';
import { findMergeBase } from './changed.ts';

export interface BaseTextsOptions {
  /** HEAD's commit; null where there is none: then nothing was there before. */
  readonly head: string | null;
  /** As the user wrote it. */
  readonly base: string;
  readonly git: GitOptions;
}

/** What these files were at the base, of those that were there. Null where git does not tell. */
export async function textsAtBase(files: readonly string[], { head, base, git }: BaseTextsOptions): Promise<ReadonlyMap<string, string> | null> {
  if (head === null || files.length === 0) return new Map();
  if (files.some((file) => file.includes('\n'))) return null;
  const commit = base === 'HEAD' ? head : await findMergeBase(base, git);
  // Sizes are in bytes and texts are decoded, so a word that stands nowhere else says where each begins.
  const mark = randomUUID();
  const result = await runGit(['cat-file', `--batch=${mark} %(rest)`], {
    ...git,
    // What a partial clone lacks would be fetched.
    environment: { ...git.environment, GIT_NO_LAZY_FETCH: '1' },
    input: files.map((file) => `${commit}:${file} ${file}\n`).join(''),
  });
  if (result.kind !== 'done') return null;
  const [, ...parts] = result.stdout.split(`${mark} `);
  const texts = new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)] as const));
  // Each was answered: it is there, or it is told to be missing.
  return texts.size + (result.stdout.match(new RegExp(`^${commit}:.* missing$`, 'gm')) ?? []).length >= files.length ? texts : null;
}
