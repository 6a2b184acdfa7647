import path from 'node:path';
import ignore from 'ignore';
import { compareText } from '../model/finding.ts';
import { ignoreTest } from '../system/globs.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { folderOf } from './packages.ts';

/** Build output and its usual names, for trees whose .gitignore does not say. */
const OUTPUT = /(?:^|\/)(?:dist|build|out|output|coverage|generated|\.[\w-]+)\//;

/**
 * Tells whether a path (workspace-relative) is made by a build: named by a .gitignore, or in a folder of a usual name that holds
 * none of the workspace's files. Its absence is no fault of whoever imports it.
 */
export function createGeneratedTest(root: string, files: readonly string[]): (file: string) => boolean {
  const rules: { prefix: string; isMade: (file: string) => boolean }[] = [];
  for (const file of files.filter((one) => path.posix.basename(one) === '.gitignore').sort(compareText)) {
    const text = readTextIfThere(path.join(root, file));
    const folder = folderOf(file);
    if (text !== null) rules.push({ prefix: folder === '' ? '' : `${folder}/`, isMade: ignoreTest(ignore().add(text)) });
  }
  const folders = new Set(files.map(folderOf));
  return (file) => {
    if (rules.some(({ prefix, isMade }) => file.startsWith(prefix) && isMade(file.slice(prefix.length)))) return true;
    return OUTPUT.test(file) && !folders.has(folderOf(file));
  };
}
