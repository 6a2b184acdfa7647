import { z } from 'zod';
import { GATE_IDS, type GateId } from './gate.ts';
import { LIMITS } from './limits.ts';

const globs = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]).transform((value) => (typeof value === 'string' ? [value] : value));
const percent = z.number().min(0).max(100);
const command = z.string().min(1).describe('A shell command run in the root instead of the gate\'s own checks; exit code 0 is a pass. "{files}" becomes the quoted files of the teams.');

/** What every gate's section may say. */
const gateBase = {
  level: z.enum(['block', 'warn', 'off']).optional().describe('block: a failure fails the run. warn: it is shown only. off: the gate is skipped.'),
  timeLimitMs: z.number().int().min(100).max(24 * 3_600_000).optional().describe('Time limit of each of the gate\'s checks, in ms.'),
  command: command.optional(),
};

const thresholds = z.strictObject({
  lines: percent.optional(),
  statements: percent.optional(),
  branches: percent.optional(),
  functions: percent.optional(),
}).describe('Least coverage in percent, over all source files of a team together.');

const budgetFile = z.string().min(1).describe('Path of a source file, relative to the root.');

const gates = z.strictObject({
  syntax_validation: z.strictObject({ ...gateBase }).optional(),
  type_verification: z.strictObject({
    ...gateBase,
    projects: z.array(z.string().min(1)).min(1).optional().describe('tsconfig files to check instead of those found.'),
  }).optional(),
  lint_enforcement: z.strictObject({
    ...gateBase,
    maxWarnings: z.number().int().min(-1).optional().describe('Most warnings a team may have; -1 for any number. The options of a lint script (eslint --max-warnings 0) are not read.'),
    configFile: z.string().min(1).optional().describe('The ESLint flat configuration, where ESLint would not find it by itself.'),
  }).optional(),
  security_analysis: z.strictObject({
    ...gateBase,
    secrets: z.boolean().optional().describe('Look for credentials in every file.'),
    patterns: z.enum(['off', 'recommended', 'strict']).optional().describe('Look for dangerous code.'),
    lockfile: z.boolean().optional().describe('Check that the lockfile is there, matches package.json, and has integrity sums.'),
    audit: z.enum(['off', 'low', 'moderate', 'high', 'critical']).optional().describe('The least severity of a known vulnerability that fails; off asks no registry.'),
  }).optional(),
  test_coverage: z.strictObject({
    ...gateBase,
    thresholds: thresholds.optional(),
    configFile: z.string().min(1).optional().describe("The test runner's configuration, where the runner would not find it by itself."),
    args: z.array(z.string()).optional().describe('More arguments for the test runner.'),
  }).optional(),
  performance_check: z.strictObject({
    ...gateBase,
    hazards: z.enum(['off', 'recommended', 'strict']).optional().describe('Look for slow code: super-linear regular expressions, blocking I/O in async functions, await in loops.'),
    bundles: z.array(z.strictObject({
      entry: budgetFile,
      maxBytes: z.number().int().positive().describe('Most bytes of the minified, gzipped bundle.'),
      external: z.array(z.string()).optional().describe('Packages that are not bundled.'),
    })).optional(),
    loadTimes: z.array(z.strictObject({
      entry: z.string().min(1).describe('A JavaScript module, relative to the root, that Node can import.'),
      maxMs: z.number().positive().describe('Most time that importing it may add to an empty process, in ms (median of several).'),
    })).optional(),
    benchmarks: z.strictObject({
      command: z.string().min(1).optional().describe('Prints {"benchmarks":[{"name","medianMs"}]} as its last line; Vitest benchmarks need none.'),
      baseline: z.union([z.literal('base'), z.string().min(1)]).optional().describe('"base": measure the base commit in turn with this tree. A path: stored figures to compare with, as the command or vitest bench --outputJson writes them.'),
      maxSlowdown: z.number().positive().optional().describe('Fails above this ratio to the baseline, where it is also outside the measured noise. 1.25 by default.'),
    }).optional(),
  }).optional(),
  documentation_check: z.strictObject({
    ...gateBase,
    exports: z.enum(['off', 'tags', 'all']).optional().describe('tags: the doc tags that are there must be true. all: every export is documented, too.'),
    readme: z.boolean().optional().describe('A README in the root and in each published package.'),
    links: z.boolean().optional().describe('Relative links and anchors in Markdown lead somewhere.'),
    fences: z.boolean().optional().describe('Code fences in Markdown parse.'),
  }).optional(),
  integration_test: z.strictObject({
    ...gateBase,
    imports: z.boolean().optional().describe('Every import leads somewhere.'),
    cycles: z.enum(['off', 'teams', 'all']).optional().describe('teams: no import cycle crosses a team border. all: none at all.'),
    installed: z.boolean().optional().describe('The installed packages satisfy package.json.'),
    suite: z.boolean().optional().describe('Run the integration suite where the project has one.'),
  }).optional(),
}).describe('One section a gate.');

const cache = z.union([z.boolean(), z.strictObject({
  inputs: z.array(z.string().min(1)).optional().describe('Files and folders that checks read although no one could tell: made by tools, or outside of the root. Relative to the root.'),
  outputs: z.array(z.string().min(1)).optional().describe('Files and folders ignored by git that checks write and none reads. A name without a slash is meant in every folder.'),
  env: z.array(z.string().min(1)).optional().describe('Variables of the environment on which results depend, besides those that the files of the project name.'),
  never: z.array(z.enum(GATE_IDS)).optional().describe('Gates that depend on what cannot be seen, a database perhaps: their results are never kept.'),
})]).describe('What results depend on, so that they can be used again while it is the same. false: no result is kept.');

/** The configuration file, as a user writes it. */
export const configSchema = z.strictObject({
  $schema: z.string().optional(),
  preset: z.enum(['recommended', 'spark']).optional().describe('recommended: what a healthy repository passes. spark: 95 % coverage, no warnings, every export documented.'),
  teams: z.record(z.string().regex(/^[^\s=,]+$/, 'a team name has no blanks, "=" or ","'), globs).optional().describe('Teams and the globs of the files they own.')
    .refine((teams) => Object.keys(teams ?? {}).length <= LIMITS.teamsMax, `at most ${String(LIMITS.teamsMax)} teams`),
  base: z.string().min(1).optional().describe('The commit that "changed" is relative to, HEAD by default: origin/main in CI.'),
  exclude: globs.optional().describe('Files that no gate looks at, besides those git ignores.'),
  relay: z.string().min(1).optional().describe('Folder of the relay: what teams are given and how far they are. Relative to the root of the main worktree; .claude/workflows by default.'),
  tasks: z.string().min(1).optional().describe('The file that lists the tasks, relative to the root. By default tasks.json, .yaml, .yml or .md in .claude/workflows, else in the root.'),
  errors: z.enum(['block', 'warn']).optional().describe('Whether a gate that could not run fails the run. block by default.'),
  gates: gates.optional(),
  cache: cache.optional(),
});

export type UserConfig = z.input<typeof configSchema>;
export type ParsedConfig = z.output<typeof configSchema>;

/** Types the default export of a `spark-gates.config.ts`. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}

type Section<Id extends GateId> = NonNullable<NonNullable<ParsedConfig['gates']>[Id]>;
type Optional = 'command' | 'projects' | 'configFile';
type Filled<T> = { readonly [K in Exclude<keyof T, Optional>]-?: NonNullable<T[K]> } & { readonly [K in keyof T & Optional]?: T[K] };

/** A gate's settings with every default filled in: preset first, then the user's words. */
export type GateSettings = { readonly [Id in GateId]: Filled<Section<Id>> };

export type PresetName = NonNullable<ParsedConfig['preset']>;

/** The configuration of one run: the file, the preset's defaults, and the command line's say. */
export interface Settings {
  readonly preset: PresetName;
  readonly base: string;
  readonly exclude: readonly string[];
  /** Folder of the relay, relative to the main worktree's root. */
  readonly relay: string;
  /** The file of the task source, relative to the root; null: wherever it is found. */
  readonly tasks: string | null;
  readonly errorsBlock: boolean;
  /** Team globs from the configuration file, or null when it names none. */
  readonly teams: Readonly<Record<string, readonly string[]>> | null;
  readonly gates: GateSettings;
  /** What results depend on besides what can be told; null: none is kept. */
  readonly cache: { readonly inputs: readonly string[]; readonly outputs: readonly string[]; readonly env: readonly string[]; readonly never: readonly GateId[] } | null;
}

