import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { digestOfValue, type Digest } from './digest.ts';

/** Written by the build: the digest of everything that was built. */
export const BUILD_FILE = 'dist/build.json';

let own: Digest | undefined;

/**
 * Which spark-gates this is: its build, and what is installed of the packages that it brings along. Another build may find other
 * things in the same files. What was loaded stays loaded, so a process is to its end what it was when it was asked first.
 */
export function productDigest(): Digest {
  own ??= digestAbove(path.dirname(fileURLToPath(import.meta.url))) ?? undefined;
  if (own === undefined) throw new Error('spark-gates has lost its package.json');
  return own;
}

/** The same of the installation whose program this file is, as it is now; null when it is gone. */
export function productDigestOf(program: string): Digest | null {
  // The folder that an installation was removed from may lie in another one.
  return path.isAbsolute(program) && existsSync(program) ? digestAbove(path.dirname(program)) : null;
}

function digestAbove(folder: string): Digest | null {
  const root = packageRoot(folder);
  if (root === null) return null;
  const manifest = parseJson(readTextIfThere(path.join(root, 'package.json')) ?? '');
  const { version, dependencies } = isRecord(manifest) ? manifest : {};
  const names = isRecord(dependencies) ? Object.keys(dependencies).sort() : [];
  return digestOfValue([version, readTextIfThere(path.join(root, BUILD_FILE)), names.map((name) => installedManifest(root, name))]);
}

function packageRoot(from: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json'))) return folder;
    if (path.dirname(folder) === folder) return null;
  }
}

/** Its version stands in it, and nothing in it changes without a new one. */
function installedManifest(from: string, name: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const text = readTextIfThere(path.join(folder, 'node_modules', name, 'package.json'));
    if (text !== null || path.dirname(folder) === folder) return text;
  }
}
