import { build } from 'esbuild';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { REPOSITORY } from './project.ts';

/**
 * Makes one JavaScript file of a TypeScript script and what it imports of ours, because Node 20 can start no other, and returns
 * its path. It lies where our packages are found, until this process ends. `script` is relative to this repository.
 */
export async function bundleScript(script: string): Promise<string> {
  const outfile = path.join(REPOSITORY, 'node_modules', '.cache', 'spark-gates-test-scripts', `${script.replaceAll('/', '-').replace(/\.ts$/, '')}-${process.pid}.mjs`);
  await build({ entryPoints: [path.join(REPOSITORY, script)], outfile, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' });
  process.once('exit', () => { rmSync(outfile, { force: true }); });
  return outfile;
}
