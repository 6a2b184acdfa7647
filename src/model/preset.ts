import type { GateSettings, ParsedConfig, PresetName, Settings } from './config.ts';
import { GATE_IDS, type GateId } from './gate.ts';
import { TIME_LIMIT_MS } from './limits.ts';
import { RELAY_FOLDER } from './relay-files.ts';

type Defaults = { readonly [Id in GateId]: Omit<GateSettings[Id], 'level' | 'timeLimitMs'> };

/** What a healthy repository passes without having heard of us. */
const recommended: Defaults = {
  syntax_validation: {},
  type_verification: {},
  lint_enforcement: { maxWarnings: -1 },
  security_analysis: { secrets: true, patterns: 'recommended', lockfile: true, audit: 'high' },
  test_coverage: { thresholds: { lines: 60 }, args: [] },
  performance_check: { hazards: 'recommended', bundles: [], loadTimes: [], benchmarks: {} },
  documentation_check: { exports: 'tags', readme: true, links: true, fences: true },
  integration_test: { imports: true, cycles: 'teams', installed: true, suite: true },
};

/** The specification's standard: 95 % coverage, zero lint warnings, every export documented. */
const spark: Defaults = {
  ...recommended,
  lint_enforcement: { maxWarnings: 0 },
  security_analysis: { secrets: true, patterns: 'strict', lockfile: true, audit: 'moderate' },
  test_coverage: { thresholds: { lines: 95, statements: 95, branches: 95, functions: 95 }, args: [] },
  performance_check: { hazards: 'strict', bundles: [], loadTimes: [], benchmarks: {} },
  documentation_check: { exports: 'all', readme: true, links: true, fences: true },
};

const PRESETS: Readonly<Record<PresetName, Defaults>> = { recommended, spark };

/** Fills a parsed configuration with its preset's defaults. `preset` from the command line wins over the file's. */
export function resolveSettings(config: ParsedConfig, preset?: PresetName): Settings {
  const name = preset ?? config.preset ?? 'recommended';
  const gates = Object.fromEntries(
    GATE_IDS.map((id) => [id, { level: 'block', timeLimitMs: TIME_LIMIT_MS[id], ...PRESETS[name][id], ...config.gates?.[id] }]),
  );
  return {
    preset: name,
    base: config.base ?? 'HEAD',
    exclude: config.exclude ?? [],
    relay: config.relay ?? RELAY_FOLDER,
    tasks: config.tasks ?? null,
    errorsBlock: config.errors !== 'warn',
    teams: config.teams ?? null,
    // Each section is a preset's complete defaults under the user's; zod has typed the user's half.
    gates: gates as unknown as GateSettings,
    cache: config.cache === false ? null : { inputs: [], outputs: [], env: [], never: [], ...(config.cache === true ? {} : config.cache) },
  };
}
