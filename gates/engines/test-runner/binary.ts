import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const manifest = z.object({ bin: z.union([z.string(), z.record(z.string(), z.string())]) });

/** Absolute path of the script behind a package's command, to be run by our own Node. */
export async function binaryOf(packageFolder: string, name: string): Promise<string> {
  const { bin } = manifest.parse(JSON.parse(await readFile(path.join(packageFolder, 'package.json'), 'utf8')));
  const file = typeof bin === 'string' ? bin : bin[name];
  if (file === undefined) throw new Error(`${packageFolder} has no command ${name}`);
  return path.join(packageFolder, file);
}
