import path from 'node:path';
import type { ESLint, Linter } from 'eslint';
import { z } from 'zod';

/** A file that ESLint lints, with what its configuration says about types. */
export interface SelectedFile {
  /** Absolute. */
  readonly path: string;
  readonly parser: unknown;
  readonly parserOptions: ParserOptions;
  /** Rules that are on. */
  readonly rules: readonly string[];
  /** A processor makes other files of it. */
  readonly processor: boolean;
  /** Its configuration as ESLint computed it. */
  readonly computed: unknown;
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
  processor: z.unknown().optional(),
  /** Where the old kind of configuration says it. */
  parser: z.unknown().optional(),
  parserOptions: parserOptions.optional(),
});

const SCRIPT = /\.[cm]?jsx?$/;

/** Of the candidates those that ESLint would lint when run on their folder: neither ignored nor without a configuration. */
export async function selectFiles(eslint: ESLint, candidates: readonly string[], isFlat: boolean): Promise<SelectedFile[]> {
  const files: SelectedFile[] = [];
  const rulesOf = rulesReader();
  for (const file of candidates) {
    if (!isFlat && await eslint.isPathIgnored(file)) continue;
    const raw: unknown = await eslint.calculateConfigForFile(file);
    if (raw === undefined) continue;
    const config = computedConfig.parse(raw);
    const parser = config.languageOptions?.parser ?? config.parser;
    // The old kind matches every file that is named; its own choice is scripts, and what a parser was chosen for.
    if (!isFlat && !SCRIPT.test(file) && typeof parser !== 'string') continue;
    files.push({ path: path.normalize(file), parser, parserOptions: config.languageOptions?.parserOptions ?? config.parserOptions ?? {}, rules: rulesOf(raw, config.rules ?? {}), processor: Boolean(config.processor), computed: raw });
  }
  return files;
}

/** Rules that are on for at least one file. */
export function countRules(files: readonly SelectedFile[]): number {
  return new Set([...new Set(files.map(({ rules }) => rules))].flat()).size;
}

/** ESLint computes one configuration for all files that the same patterns match. */
function rulesReader(): (computed: unknown, rules: Readonly<Record<string, unknown>>) => readonly string[] {
  const known = new Map<unknown, readonly string[]>();
  return (computed, rules) => {
    const found = known.get(computed) ?? Object.keys(rules).filter((rule) => isOn(rules[rule]));
    known.set(computed, found);
    return found;
  };
}

function isOn(setting: unknown): boolean {
  const level = (Array.isArray(setting) ? setting[0] : setting) as Linter.RuleSeverity;
  return level !== 0 && level !== 'off';
}
