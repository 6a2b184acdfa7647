import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { digestOfValue, type Digest } from './digest.ts';

/** Written by the build: the digest of everything that was built. */
export const BUILD_FILE = 'dist/build.json';

/**
 * Which spark-gates this is: its build, and what is installed of the packages that it brings along. Another build may find other
 * things in the same files.
 */
export function productDigest(): Digest {
  const root = packageRoot(path.dirname(fileURLToPath(import.meta.url)));
  const manifest = parseJson(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { version, dependencies } = isRecord(manifest) ? manifest : {};
  const names = isRecord(dependencies) ? Object.keys(dependencies).sort() : [];
  return digestOfValue([version, readTextIfThere(path.join(root, BUILD_FILE)), names.map((name) => installedManifest(root, name))]);
}

function packageRoot(folder: string): string {
  return existsSync(path.join(folder, 'package.json')) ? folder : packageRoot(path.dirname(folder));
}

/** Its version stands in it, and nothing in it changes without a new one. */
function installedManifest(from: string, name: string): string | null {
  for (let folder = from; ; folder = path.dirname(folder)) {
    const text = readTextIfThere(path.join(folder, 'node_modules', name, 'package.json'));
    if (text !== null || path.dirname(folder) === folder) return text;
  }
}
