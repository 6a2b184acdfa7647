import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { BenchTrouble } from '../bench-trouble.ts';
import type { Tokeniser } from '../tokens.ts';
import { installPackages, type InstallOptions } from './install-packages.ts';

/** Tools of the baseline that no project need have: put into the cache folder when they are first needed, never into a project. */
export interface Toolbox {
  /** Absolute. */
  readonly folder: string;
  /** Why a tool is not there, by name; a tool that is there has no entry. */
  readonly missing: ReadonlyMap<string, string>;
}

export const TOOLBOX_PACKAGES = {
  concurrently: '^9.2.5',
  lefthook: '^2.2.2',
  turbo: '^2.11.11',
  secretlint: '^12.0.0',
  '@secretlint/secretlint-rule-preset-recommend': '^12.0.0',
  'gpt-tokenizer': '^4.0.0',
} as const;

const SECRETLINT_CONFIG = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend' }] };

export async function openToolbox(cache: string, options: InstallOptions): Promise<Toolbox> {
  const folder = path.join(cache, 'tools');
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, '.secretlintrc.json'), JSON.stringify(SECRETLINT_CONFIG));
  let problem = '';
  try {
    await installPackages(folder, { private: true, dependencies: TOOLBOX_PACKAGES }, options);
  } catch (error) {
    if (!(error instanceof BenchTrouble)) throw error;
    problem = error.message;
  }
  const absent = Object.keys(TOOLBOX_PACKAGES).filter((name) => !existsSync(path.join(folder, 'node_modules', name)));
  return { folder, missing: new Map(absent.map((name) => [name, problem === '' ? `npm did not install ${name}` : problem])) };
}

const encoding = z.object({ encode: z.custom<(text: string) => readonly number[]>((value) => typeof value === 'function') });

/** What counts tokens; null where npm could not install it. */
export async function openTokeniser({ folder, missing }: Toolbox): Promise<Tokeniser | null> {
  if (missing.has('gpt-tokenizer')) return null;
  const name = 'o200k_base';
  const file = createRequire(path.join(folder, 'package.json')).resolve(`gpt-tokenizer/encoding/${name}`);
  const { encode } = encoding.parse(await import(pathToFileURL(file).href));
  return { name, count: (text) => encode(text).length };
}
