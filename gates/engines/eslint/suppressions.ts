import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ESLint } from 'eslint';

interface SuppressionsService {
  load(): Promise<unknown>;
  applySuppressions(results: readonly ESLint.LintResult[], suppressions: unknown): { results: ESLint.LintResult[] };
}

type SuppressionsModule = Readonly<Record<'SuppressionsService', new (options: { filePath: string; cwd: string }) => SuppressionsService>>;

/**
 * Takes out what `eslint-suppressions.json` of the folder accepts, as the command line does. Until version 10 the class has no
 * option for it, so ESLint's own service is used from where it has been since 9.24; without the file nothing is loaded.
 */
export async function applySuppressions(results: ESLint.LintResult[], eslintFolder: string, folder: string): Promise<ESLint.LintResult[]> {
  const filePath = path.join(folder, 'eslint-suppressions.json');
  const service = path.join(eslintFolder, 'lib', 'services', 'suppressions-service.js');
  if (!existsSync(filePath) || !existsSync(service)) return results;
  const { SuppressionsService } = createRequire(service)(service) as SuppressionsModule;
  const suppressions = new SuppressionsService({ filePath, cwd: folder });
  return suppressions.applySuppressions(results, await suppressions.load()).results;
}
