import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Relative to the folder; those of other builds under way are not there. */
export function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.build-'));
}

/** Of every file's name and content. */
export function digestOf(folder) {
  const digest = createHash('sha256');
  for (const file of filesOf(folder).sort()) digest.update(file).update('\0').update(readFileSync(path.join(folder, file)));
  return digest.digest('hex');
}
