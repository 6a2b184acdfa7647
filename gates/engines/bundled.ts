import { createRequire } from 'node:module';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const manifest = z.object({ version: z.string() });
const versions = new Map<string, string>();

/** Version of one of our own dependencies as installed. Throws when it is not there: our package is broken then. */
export function installedVersion(name: string): string {
  const known = versions.get(name);
  if (known !== undefined) return known;
  const { version } = manifest.parse(require(`${name}/package.json`));
  versions.set(name, version);
  return version;
}
