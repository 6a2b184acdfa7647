import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { writeFileAtomic } from '../../src/system/atomic-file.ts';
import { REPOSITORY } from './project.ts';

/**
 * Makes one JavaScript file of a TypeScript script and what it imports of ours, because Node 20 can start no other, and returns
 * its path. It lies where our packages are found, under a name of its content, so that runs at once do not disturb each other.
 * `script` is relative to this repository.
 */
export async function bundleScript(script: string): Promise<string> {
  const result = await build({ entryPoints: [path.join(REPOSITORY, script)], write: false, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' });
  const text = result.outputFiles.map((file) => file.text).join('');
  const name = `${path.basename(script, '.ts')}-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.mjs`;
  const outfile = path.join(REPOSITORY, 'node_modules', '.cache', 'spark-gates-test-scripts', name);
  await writeFileAtomic(outfile, text);
  return outfile;
}
