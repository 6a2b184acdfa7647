import { createRequire } from 'node:module';
import path from 'node:path';
import type { Failure } from '../../../src/model/failure.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { binaryOf } from './binary.ts';
import type { RunFolders } from './suite-run.ts';

/**
 * Turns V8's raw coverage into istanbul's JSON with c8: the project's own where it has one, which then also finds the
 * project's `.c8rc`, else ours. Null when it went well.
 */
export async function reportV8Coverage(folders: RunFolders, context: RunContext): Promise<Failure | null> {
  const nearest = context.workspace.packages
    .filter(({ folder }) => folders.suite === path.join(context.workspace.root, folder) || folder === '')
    .sort((a, b) => b.folder.length - a.folder.length)
    .find(({ tools }) => tools.c8 !== undefined);
  const packageFolder = nearest?.tools.c8?.folder ?? path.dirname(createRequire(import.meta.url).resolve('c8/package.json'));
  const { outcome, stderr } = await context.subprocess({
    file: process.execPath,
    args: [
      await binaryOf(packageFolder, 'c8'),
      'report',
      `--temp-directory=${folders.v8}`,
      `--reports-dir=${folders.coverage}`,
      '--reporter=json',
      '--all',
      '--check-coverage=false',
      '--clean=false',
    ],
    cwd: folders.suite,
    environment: { NODE_V8_COVERAGE: undefined, NO_COLOR: '1', FORCE_COLOR: undefined },
  });
  if (outcome.kind === 'exited' && outcome.exitCode === 0) return null;
  if (outcome.kind === 'cancelled') return context.signal.reason as Failure;
  return { reason: 'engine-crashed', engine: 'c8', detail: stderr.trim() === '' ? `it ended with ${JSON.stringify(outcome)}` : stderr.trim().slice(0, 2_000) };
}
