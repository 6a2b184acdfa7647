import { compareText } from '../model/finding.ts';
import type { TeamContext } from '../model/documents.ts';
import { normalPath } from './task-files.ts';

/**
 * Files that any task may have to touch. They are no reason to keep tasks apart: whoever edits one takes a lease on it. The
 * specification's list, in the terms of TypeScript and JavaScript repositories, compared by the whole path from the root.
 */
const SHARED_FILES: ReadonlySet<string> = new Set([
  ...['constants', 'types', 'config'].flatMap((name) => [`src/${name}.ts`, `src/${name}.js`]),
  '.env',
  '.env.example',
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  'bun.lock',
  'tsconfig.json',
  'tsconfig.base.json',
  'jsconfig.json',
  ...['js', 'mjs', 'cjs', 'ts', 'mts', 'cts'].flatMap((extension) => [`eslint.config.${extension}`, `vitest.config.${extension}`, `vite.config.${extension}`, `jest.config.${extension}`]),
  'biome.json',
  'biome.jsonc',
  '.oxlintrc.json',
  '.prettierrc',
  '.gitignore',
]);

export function isSharedResource(file: string): boolean {
  return SHARED_FILES.has(normalPath(file));
}

/** Those files of a task that need a lease: of the list above, and every path that another task names too. Sorted. */
export function identifySharedResources(files: readonly string[], otherTasks: readonly (readonly string[])[]): TeamContext['shared_resources'] {
  const elsewhere = new Set(otherTasks.flatMap((others) => others.map(normalPath)));
  const shared = [...new Set(files.map(normalPath))].filter((file) => SHARED_FILES.has(file) || elsewhere.has(file));
  return Object.fromEntries(shared.sort(compareText).map((file) => [file, { locked_by: null, lock_timestamp: null }]));
}
