import { isAssignment, type ShellWord } from './shell-words.ts';

/** A program, and what stood before it. */
export interface Unwrapped {
  readonly words: readonly ShellWord[];
  /** `NAME=value`, as written; the shell's and cross-env's alike. */
  readonly assignments: readonly string[];
  /** As written. */
  readonly launcher: readonly string[];
}

/** Run the program named after their own options; what they measure, we measure ourselves. */
const COVERAGE_WRAPPERS = new Set(['c8', 'nyc']);
/** Report what such a wrapper measured. */
const COVERAGE_VERBS = /^(?:report|check-coverage|merge)$/;
/** Start the program named after their own options, in surroundings that we cannot make ourselves. */
const LAUNCHERS = new Set(['dotenv', 'dotenvx', 'xvfb-run']);
/** Options of wrappers and launchers that are followed by a value of their own. */
const VALUE_FLAGS = new Set(['-e', '-p', '-r', '-f', '-v', '--reporter', '-o', '--temp-directory', '--reports-dir', '-x', '--exclude', '-n', '--include', '-s', '-w', '--report-dir', '--cwd', '--src', '--config']);

/** The program behind assignments, npx, c8 and launchers; null where an option makes something else of it. */
export function unwrap(words: readonly ShellWord[]): Unwrapped | 'coverage-report' | null {
  const assignments: string[] = [];
  const launcher: string[] = [];
  for (let rest = words; ;) {
    const [first, second] = rest;
    if (first === undefined) return null;
    const after = rest.slice(1);
    if (isAssignment(first.text)) {
      assignments.push(first.raw);
      rest = after;
    } else if (COVERAGE_WRAPPERS.has(first.text)) {
      if (COVERAGE_VERBS.test(second?.text ?? '')) return 'coverage-report';
      rest = after.slice(optionsLength(after));
    } else if (LAUNCHERS.has(first.text)) {
      const dashes = rest.findIndex(({ text }) => text === '--');
      const length = dashes === -1 ? 1 + optionsLength(after) : dashes + 1;
      launcher.push(...rest.slice(0, length).map(({ raw }) => raw));
      rest = rest.slice(length);
    } else if (['npx', 'bunx', 'pnpx', 'cross-env', 'env', 'time'].includes(first.text)) {
      rest = first.text.endsWith('x') ? after.slice(after.findIndex(({ text }) => !/^(?:--no-install|--no|-y|--yes|--)$/.test(text))) : after;
      if (rest[0]?.text.startsWith('-') === true) return null;
    } else return { words: rest, assignments, launcher };
  }
}

function optionsLength(words: readonly ShellWord[]): number {
  let length = 0;
  while (words[length]?.text.startsWith('-') === true) length += VALUE_FLAGS.has(words[length]?.text ?? '') ? 2 : 1;
  return length;
}
