import { readExact } from './files.ts';
import { readRecord } from './install.ts';
import { digest, RECORD_FILE } from './record.ts';
import { SETTINGS_FILE } from './settings-files.ts';

/**
 * Files that are as `init` has left them. Before they are committed they are changes of no team, and no team is to be asked to take them
 * back. One that was edited since is not among them.
 */
export async function listAsInstalled(root: string): Promise<string[]> {
  const record = await readRecord(root);
  if (record === null || 'problem' in record) return [];
  const written = [...Object.entries(record.files), [SETTINGS_FILE, record.settings.after] as const];
  const found = await Promise.all(written.map(async ([file, known]) => {
    const text = await readExact(root, file);
    return typeof text === 'string' && digest(text) === known ? [file] : [];
  }));
  return [RECORD_FILE, ...found.flat()];
}
