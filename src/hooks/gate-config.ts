import path from 'node:path';

const NAMES = [
  /^(?:eslint|vitest|vite|jest|playwright|prettier|stylelint|spark-gates|c8|nyc)(?:\.[\w-]+)*\.config(?:\.[\w-]+)*\.\w+$/,
  /^tsconfig(?:\.[\w-]+)*\.json$/,
  /^jsconfig\.json$/,
  /^vitest\.workspace\.\w+$/,
  /^\.(?:eslintrc|eslintignore|c8rc|nycrc|mocharc|oxlintrc|secretlintrc|secretlintignore)(?:\.[\w-]+)*$/,
  /^biome\.jsonc?$/,
];

const HOOKS = /(?:^|\/)\.(?:claude\/(?:settings(?:\.local)?\.json|spark-gates\/launch)|codex\/hooks\.json|cursor\/hooks\.json|gemini\/settings\.json|github\/hooks\/[^/]+\.json)$/;

/**
 * Whether a file says what gates look for, or whether they run at all: who may change it and was not assigned it could turn a failure into a
 * pass. Path posix, from the root.
 */
export function isGateConfig(file: string): boolean {
  return HOOKS.test(file) || NAMES.some((name) => name.test(path.posix.basename(file)));
}

/** Whether such a file may say that among much else, so that only its content tells. */
export function mayHoldGateConfig(file: string): boolean {
  return path.posix.basename(file) === 'package.json';
}

/** Of both: an edit of it is written down, and looked at when the team ends. */
export function mayConcernGates(file: string): boolean {
  return isGateConfig(file) || mayHoldGateConfig(file);
}

/** What the settings of gates name as their tools' configuration. */
export function namedGateFiles({ type_verification: types, lint_enforcement: lint, test_coverage: tests }: NamingGates): ReadonlySet<string> {
  const named = [...(types.projects ?? []), lint.configFile, tests.configFile];
  return new Set(named.flatMap((file) => (file === undefined ? [] : path.posix.normalize(file))));
}

interface NamingGates {
  readonly type_verification: { readonly projects?: readonly string[] };
  readonly lint_enforcement: { readonly configFile?: string };
  readonly test_coverage: { readonly configFile?: string };
}
