import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Eslint from 'eslint';
import { passForMainThread } from './main-thread.ts';
import { unreadableBy } from './versions.ts';

/** ESLint's class for flat configurations, or for the old kind; what we use of both is the same. */
export type EslintClass = typeof Eslint.ESLint;

/** What versions before 9 and the old kind of configuration need; typed here because the newest types no longer have it. */
interface EslintModule {
  readonly ESLint: EslintClass;
  readonly loadESLint?: (options: { useFlatConfig: boolean }) => Promise<EslintClass>;
}

export interface EslintToLoad {
  readonly folder: string;
  readonly version: string;
  readonly isFlat: boolean;
}

/** Loads ESLint from an installed package's folder, or says why that version can't read such a configuration. */
export async function loadEslint({ folder, version, isFlat }: EslintToLoad): Promise<EslintClass | string> {
  passForMainThread();
  const problem = unreadableBy(version, isFlat);
  if (problem !== null) return problem;
  // The package says what it exports; that it is ESLint was read from its package.json.
  const module = createRequire(path.join(folder, 'package.json'))(folder) as EslintModule;
  return module.loadESLint === undefined ? module.ESLint : module.loadESLint({ useFlatConfig: isFlat });
}
