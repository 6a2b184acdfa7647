import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });
const versions = new Map<string, string>();

/** Version of one of our own dependencies as installed. Throws when it is not there: our package is broken then. */
export function installedVersion(name: string): string {
  const known = versions.get(name);
  if (known !== undefined) return known;
  // Many packages do not export their package.json, so it is looked for where Node would look for the package.
  const file = (require.resolve.paths(name) ?? []).map((folder) => path.join(folder, name, 'package.json')).find((one) => existsSync(one));
  if (file === undefined) throw new Error(`${name} is not installed beside spark-gates`);
  const { version } = manifest.parse(JSON.parse(readFileSync(file, 'utf8')));
  versions.set(name, version);
  return version;
}
