import { runGit, splitNul, type GitOptions } from '../system/git.ts';

/** A file that is not what it was. */
export interface ChangedFile {
  /** From the root of the repository. */
  readonly file: string;
  /** The commit that has it as it was; null: the newest one. */
  readonly revision: string | null;
}

/** Those of these files that are not what they were at an instant, in ms, whether that was committed since or not; 0: in the newest commit. */
export async function listChangedSince(files: readonly string[], sinceMs: number, options: GitOptions): Promise<ChangedFile[]> {
  const paths = ['--', ...files.map((file) => `:(top,literal)${file}`)];
  const revision = sinceMs === 0 ? null : await newestBefore(sinceMs, options);
  const status = await runGit(['status', '--porcelain', '-z', '--untracked-files=all', ...paths], options);
  const rows = status.kind === 'done' ? splitNul(status.stdout) : [];
  const compared = await runGit(['diff', '--name-only', '-z', '--no-renames', '--no-ext-diff', revision ?? 'HEAD', ...paths], options);
  // Where there is no commit yet, all is new.
  const changed = new Set(compared.kind === 'done' ? splitNul(compared.stdout) : rows.map((row) => row.slice(3)));
  for (const row of rows) if (row.startsWith('??')) changed.add(row.slice(3));
  return files.filter((file) => changed.has(file)).map((file) => ({ file, revision }));
}

/** A file as it was in a commit, null for the newest one; null where it was not there. */
export async function contentAt(file: string, revision: string | null, options: GitOptions): Promise<string | null> {
  const shown = await runGit(['show', `${revision ?? 'HEAD'}:./${file}`], options);
  return shown.kind === 'done' ? shown.stdout : null;
}

/** Null where that is the newest commit, or where git does not tell. */
async function newestBefore(ms: number, options: GitOptions): Promise<string | null> {
  const [before, newest] = await Promise.all([
    runGit(['rev-list', '--max-count=1', `--before=@${String(Math.floor(ms / 1000))}`, 'HEAD'], options),
    runGit(['rev-parse', '--verify', '--quiet', 'HEAD'], options),
  ]);
  if (before.kind !== 'done' || newest.kind !== 'done') return null;
  const commit = before.stdout.trim();
  return commit === '' || commit === newest.stdout.trim() ? null : commit.slice(0, 12);
}
