import path from 'node:path';
import { IGNORED_BY_GIT } from '../model/relay-files.ts';
import type { Disk } from '../system/disk.ts';

const TEXT = `# What spark-gates writes here is of this session and this machine. To keep it in git all the same, empty this file.\n${IGNORED_BY_GIT.join('\n')}\n`;

/** Agents commit with `git add --all`, and would take the relay along. A .gitignore that is there already is the project's. */
export async function keepOutOfGit(folder: string, disk: Disk): Promise<void> {
  try {
    const file = await disk.create(path.join(folder, '.gitignore'));
    try {
      await file.write(TEXT);
    } finally {
      await file.close();
    }
  } catch (error) {
    // Not worth a session.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}
