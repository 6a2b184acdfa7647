import { readdir, readFile, readlink } from 'node:fs/promises';
import path from 'node:path';

/** Every file and folder below the root, with its bytes; links by where they lead. Without `.git`. */
export async function treeOf({ root }: { readonly root: string }): Promise<Record<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found = await Promise.all(entries.map(async (entry): Promise<[string, string]> => {
    const file = path.join(entry.parentPath, entry.name);
    const content = entry.isDirectory() ? 'folder' : entry.isSymbolicLink() ? `link to ${await readlink(file)}` : (await readFile(file)).toString('hex');
    return [path.relative(root, file), content];
  }));
  return Object.fromEntries(found.filter(([file]) => !/^\.git(?:\/|$)/.test(file)));
}
