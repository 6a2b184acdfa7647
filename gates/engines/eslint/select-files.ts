import path from 'node:path';
import type { ESLint, Linter } from 'eslint';
import { z } from 'zod';

/** A file that ESLint lints, with what its configuration says about types. */
export interface SelectedFile {
  /** Absolute. */
  readonly path: string;
  readonly parser: unknown;
  readonly parserOptions: ParserOptions;
}

const parserOptions = z.looseObject({
  project: z.unknown().optional(),
  projectService: z.unknown().optional(),
  programs: z.unknown().optional(),
  tsconfigRootDir: z.unknown().optional(),
  extraFileExtensions: z.unknown().optional(),
});

export type ParserOptions = z.output<typeof parserOptions>;

const computedConfig = z.looseObject({
  languageOptions: z.looseObject({ parser: z.unknown().optional(), parserOptions: parserOptions.optional() }).optional(),
  rules: z.record(z.string(), z.unknown()).optional(),
  /** Where the old kind of configuration says it. */
  parser: z.unknown().optional(),
  parserOptions: parserOptions.optional(),
});

export interface Selection {
  readonly files: readonly SelectedFile[];
  /** Rules that are on for at least one of them. */
  readonly rules: number;
}

const SCRIPT = /\.[cm]?jsx?$/;

/** Of the candidates those that ESLint would lint when run on their folder: neither ignored nor without a configuration. */
export async function selectFiles(eslint: ESLint, candidates: readonly string[], isFlat: boolean): Promise<Selection> {
  const files: SelectedFile[] = [];
  const rules = new Set<string>();
  for (const file of candidates) {
    if (!isFlat && await eslint.isPathIgnored(file)) continue;
    const raw: unknown = await eslint.calculateConfigForFile(file);
    if (raw === undefined) continue;
    const config = computedConfig.parse(raw);
    const parser = config.languageOptions?.parser ?? config.parser;
    // The old kind matches every file that is named; its own choice is scripts, and what a parser was chosen for.
    if (!isFlat && !SCRIPT.test(file) && typeof parser !== 'string') continue;
    for (const [rule, setting] of Object.entries(config.rules ?? {})) if (isOn(setting)) rules.add(rule);
    files.push({ path: path.normalize(file), parser, parserOptions: config.languageOptions?.parserOptions ?? config.parserOptions ?? {} });
  }
  return { files, rules: rules.size };
}

function isOn(setting: unknown): boolean {
  const level = (Array.isArray(setting) ? setting[0] : setting) as Linter.RuleSeverity;
  return level !== 0 && level !== 'off';
}
