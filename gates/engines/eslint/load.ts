import { createRequire } from 'node:module';
import path from 'node:path';
import type * as Eslint from 'eslint';
import { majorOf } from '../typescript/load.ts';
import { passForMainThread } from './main-thread.ts';

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
  // The package says what it exports; that it is ESLint was read from its package.json.
  const module = createRequire(path.join(folder, 'package.json'))(folder) as EslintModule;
  if (!isFlat && majorOf(version) >= 10) return `ESLint ${version} no longer reads it: migrate to eslint.config.js`;
  if (module.loadESLint !== undefined) return module.loadESLint({ useFlatConfig: isFlat });
  return isFlat ? `ESLint ${version} cannot read it from a program: update ESLint to 8.57 or later` : module.ESLint;
}
