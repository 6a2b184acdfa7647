import { runGit, type Environment } from '../system/git.ts';

/** One sentence where git ignores some of these files: then they work here, and nowhere else. Null: it ignores none, or there is no git. */
export async function describeIgnored(root: string, files: readonly string[], environment: Environment): Promise<string | null> {
  if (files.length === 0) return null;
  // Without a file that is ignored it ends with exit code 1, and with 128 outside git.
  const result = await runGit(['check-ignore', '--', ...files], { cwd: root, environment });
  const [first, ...more] = result.kind === 'done' ? result.stdout.trim().split('\n') : [];
  if (first === undefined) return null;
  return `git ignores ${first}${more.length === 0 ? '' : ` and ${String(more.length)} more of these files`}, so that clones and other worktrees do not get them: take the line out that git check-ignore -v ${first} names`;
}
