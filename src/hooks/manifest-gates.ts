import { isDeepStrictEqual } from 'node:util';
import { parseJson } from '../system/parse-json.ts';

/** What tools, and we, read from a package.json as their configuration. */
const CONFIGS = ['spark-gates', 'eslintConfig', 'eslintIgnore', 'jest', 'vitest', 'mocha', 'ava', 'c8', 'nyc', 'prettier', 'stylelint'];
/** Scripts that gates run, or take words from. */
const SCRIPT = /^(?:pre|post)?(?:test|lint|types?|typecheck|check|coverage|bench)(?:[:.-].*)?$/;

/** Keys of a package.json that say what gates look for or run and are not what they were. A script that is new takes nothing away. */
export function changedGateKeys(before: string | null, now: string | null): string[] {
  const [old, present] = [objectOf(parseJson(before ?? '')), objectOf(parseJson(now ?? ''))];
  const [scripts, others] = [objectOf(old.scripts), objectOf(present.scripts)];
  return [
    ...CONFIGS.filter((key) => !isDeepStrictEqual(old[key], present[key])),
    ...Object.keys(scripts).filter((name) => SCRIPT.test(name) && scripts[name] !== others[name]).map((name) => `scripts.${name}`),
  ];
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
