import picomatch from 'picomatch';
import type { TestSuite } from '../model/workspace.ts';
import { unwrap } from './script-wrappers.ts';
import { isAssignment, readSequence, splitCommands, type ShellCommand, type ShellWord } from './shell-words.ts';

type RunnerName = Exclude<TestSuite['runner'], 'command'>;

/** One step of a script. All words are as written. */
export type ScriptStep =
  | { readonly kind: 'command'; readonly script: string; readonly text: string }
  /** It has the workspace's other packages run their tests. */
  | { readonly kind: 'delegation'; readonly script: string; readonly text: string }
  | {
      readonly kind: 'runner';
      readonly script: string;
      readonly runner: RunnerName;
      /** Relative to the package. */
      readonly config: string | null;
      readonly assignments: readonly string[];
      readonly launcher: readonly string[];
      readonly nodeOptions: readonly string[];
      readonly words: readonly string[];
    };

type RunnerScriptStep = Extract<ScriptStep, { kind: 'runner' }>;
type Scripts = Readonly<Record<string, string>>;

const RUNNERS: Readonly<Record<string, RunnerName>> = { vitest: 'vitest', jest: 'jest', mocha: 'mocha', _mocha: 'mocha' };
/** What makes a runner do something else than run its tests. */
const OTHER_USES: Readonly<Record<RunnerName, RegExp>> = {
  vitest: /^(?:bench|list|init|related|typecheck|--merge-?reports(?:=.*)?|--standalone)$/i,
  jest: /^--(?:listTests|showConfig|clearCache|init|findRelatedTests|runTestsByPath|onlyChanged|lastCommit|changedSince(?:=.*)?)$|^-o$/,
  mocha: /^(?:init|--list-.*)$/,
  'node:test': /^$/,
};
const DELEGATORS = new Set(['turbo', 'nx', 'lerna', 'wsrun', 'ultra', 'moon', 'rush', 'wireit']);
const WORKSPACE_FLAGS = /^(?:-r|--recursive|--filter(?:=.*)?|-F|--workspaces|-ws|-w|--workspace(?:=.*)?|--workspaces=.*|-A|--all)$/;
const TEST_TASK = /(?:^|[=,:#])tests?(?:$|[,:_.-])|^t$/;
const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun']);
/** Options of a package manager that change nothing of what is run. */
const QUIET = /^(?:-s|-q|--silent|--quiet|--if-present|--loglevel(?:=.*)?)$/;
/** Options of Node that are followed by a value of their own. */
const NODE_VALUE_FLAGS = new Set(['--import', '--require', '-r', '--loader', '--experimental-loader', '--conditions', '-C', '--env-file', '--env-file-if-exists']);

export interface ReadOptions {
  /** Whether the package manager runs `pretest` and `posttest` too: all do, but Yarn from 2 on. */
  readonly hooks: boolean;
  /** Scripts of the workspace's other packages: what `turbo build test` names besides tests. */
  readonly tasks?: ReadonlySet<string>;
}

/**
 * What a script does, step by step, through `npm run x`, npx, c8 and assignments; with what npm runs before and after it. Null
 * when there is no such script, or only npm's placeholder. Its test runner is a step of its own where that is exact: the line
 * is nothing but commands joined by `&&`, and calls one kind of runner. Every other line is one command, in its own words.
 */
export function readScript(scripts: Scripts, name: string, options: ReadOptions = { hooks: true }): readonly ScriptStep[] | null {
  const text = scripts[name];
  if (text === undefined || text.trim() === '' || /no test specified/i.test(text)) return null;
  const steps = stepsOf({ scripts, options, seen: new Set() }, name, []);
  const runners = new Set(steps.flatMap((step) => (step.kind === 'runner' ? [step.runner] : [])));
  if (runners.size === 1 || (runners.size === 0 && steps.some(({ kind }) => kind === 'delegation'))) return steps;
  return withHooks(scripts, name, options).flatMap((one): ScriptStep[] => {
    const words = scripts[one];
    return words === undefined || words.trim() === '' ? [] : [{ kind: 'command', script: one, text: words }];
  });
}

/** The tsconfig files, or their folders, that scripts give to the compiler with `-p`, `--project` or `-b`, relative to the package, as written. */
export function compilerConfigs(scripts: Scripts): string[] {
  const commands = Object.values(scripts).flatMap((text) => splitCommands(text).map(compilerWords));
  return commands.flatMap(([program = '', ...args]) => {
    if (!/^(?:.*[\\/])?tsc$/.test(program)) return [];
    const isBuild = args.some((arg) => /^--?b(?:uild)?$/.test(arg));
    return args.filter((arg, index) => !arg.startsWith('-') && (isBuild || /^--?p(?:roject)?$/.test(args[index - 1] ?? '')));
  });
}

function compilerWords(words: readonly string[]): readonly string[] {
  const at = words.findIndex((word) => !isAssignment(word) && !['npx', 'bunx', 'pnpx', 'cross-env', 'env', 'time'].includes(word));
  return at === -1 ? [] : words.slice(at);
}

interface Reading {
  readonly scripts: Scripts;
  readonly options: ReadOptions;
  readonly seen: ReadonlySet<string>;
}

function withHooks(scripts: Scripts, name: string, { hooks }: ReadOptions): readonly string[] {
  return [`pre${name}`, name, `post${name}`].filter((one) => one === name || (hooks && (scripts[one] ?? '').trim() !== ''));
}

/** A script with its hooks; `args` are added to its own line, as the managers do it. */
function stepsOf(reading: Reading, name: string, args: readonly string[]): readonly ScriptStep[] {
  const { scripts, options } = reading;
  return withHooks(scripts, name, options).flatMap((one) => {
    const text = [scripts[one] ?? '', ...(one === name ? args : [])].join(' ');
    const commands = readSequence(text);
    if (commands === null) return [{ kind: 'command' as const, script: one, text }];
    return commands.flatMap((command) => readCommand({ ...reading, seen: new Set([...reading.seen, name]) }, one, command));
  });
}

function readCommand(reading: Reading, script: string, command: ShellCommand): readonly ScriptStep[] {
  const asWritten: ScriptStep = { kind: 'command', script, text: command.text };
  // A redirection may be what the rest of the script reads.
  if (command.words.some(({ raw }) => /^[^"']*[<>]/.test(raw))) return [asWritten];
  const inner = unwrap(command.words);
  if (inner === 'coverage-report') return [];
  if (inner === null) return [asWritten];
  const { words, assignments, launcher } = inner;
  if (isDelegation(words.map(({ text }) => text))) return readDelegation(reading, script, command) ?? [asWritten];
  const scripts = scriptsOf(reading.scripts, words);
  if (scripts === null) {
    const call = readRunner(words);
    return [call === null ? asWritten : { kind: 'runner', script, assignments, launcher, ...call }];
  }
  if (scripts.names.some((name) => reading.seen.has(name))) return [asWritten];
  const nested = scripts.names.flatMap((name) => stepsOf(reading, name, scripts.args));
  const calls = nested.filter((step) => step.kind === 'runner');
  if (nested.every(({ kind }) => kind === 'command')) return [asWritten];
  if (calls.length === nested.length) return calls.map((call) => ({ ...call, assignments: [...assignments, ...call.assignments], launcher: [...launcher, ...call.launcher] }));
  return scripts.parallel || assignments.length + launcher.length > 0 ? [asWritten] : nested;
}

/** The packages' tests, after what else they are asked to do; null when that is not about tests, or cannot be told apart. */
function readDelegation({ options }: Reading, script: string, { text, words }: ShellCommand): readonly ScriptStep[] | null {
  const tests = words.slice(1).filter((word) => TEST_TASK.test(word.text));
  if (tests.length === 0 || tests.some((word) => word.text.includes(','))) return null;
  const delegation: ScriptStep = { kind: 'delegation', script, text };
  const hasOthers = words.slice(1).some((word) => options.tasks?.has(word.text) === true && !tests.includes(word));
  return hasOthers ? [{ kind: 'command', script, text: words.filter((word) => !tests.includes(word)).map(({ raw }) => raw).join(' ') }, delegation] : [delegation];
}

function readRunner(words: readonly ShellWord[]): Omit<RunnerScriptStep, 'kind' | 'script' | 'assignments' | 'launcher'> | null {
  const [program, ...args] = words;
  const name = programName(program);
  if (name === 'node') {
    let at = 0;
    while (args[at]?.text.startsWith('-') === true) {
      if (args[at]?.text === '--test') return { runner: 'node:test', config: null, nodeOptions: [], words: args.map(({ raw }) => raw) };
      at += NODE_VALUE_FLAGS.has(args[at]?.text ?? '') ? 2 : 1;
    }
    const call = /node_modules/.test(args[at]?.text ?? '') ? readRunner(args.slice(at)) : null;
    return call === null ? null : { ...call, nodeOptions: args.slice(0, at).map(({ raw }) => raw) };
  }
  if (MANAGERS.has(name)) {
    const inner = programOfManager(name, args);
    return inner === null ? null : readRunner(inner);
  }
  const runner = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined;
  if (runner === undefined || args.some(({ text }) => OTHER_USES[runner].test(text))) return null;
  return { runner, config: configOf(args.map(({ text }) => text)), nodeOptions: [], words: args.map(({ raw }) => raw) };
}

/** `pnpm exec jest`, and `yarn vitest`: there is no script of that name, it would have been read. */
function programOfManager(manager: string, args: readonly ShellWord[]): readonly ShellWord[] | null {
  const at = args.findIndex(({ text }) => !QUIET.test(text));
  const verb = args[at]?.text ?? '';
  if (verb === 'exec' || (manager === 'yarn' && verb === 'run')) {
    const rest = args.slice(at + 1);
    return rest[0]?.text === '--' ? rest.slice(1) : rest;
  }
  return manager === 'pnpm' || manager === 'yarn' ? args.slice(at) : null;
}

function programName(word: ShellWord | undefined): string {
  return (word?.text ?? '').replace(/^.*[\\/]/, '').replace(/\.(?:cmd|exe|[cm]?js)$/, '');
}

/** Whether the packages of the workspace are asked to run something of theirs. */
function isDelegation(words: readonly string[]): boolean {
  const [program = '', ...args] = words;
  if (DELEGATORS.has(program)) return true;
  if (!MANAGERS.has(program)) return false;
  if (args[0] === 'workspaces' || args[0] === 'workspace') return true;
  const end = args.findIndex((arg) => (program === 'npm' ? arg === '--' : !arg.startsWith('-') && arg !== 'run' && arg !== 'exec'));
  return args.slice(0, end === -1 ? args.length : end).some((arg) => WORKSPACE_FLAGS.test(arg));
}

/** The scripts of this package that a command runs, and what it adds to their words; null when it runs none. */
function scriptsOf(scripts: Scripts, words: readonly ShellWord[]): { readonly names: readonly string[]; readonly args: readonly string[]; readonly parallel: boolean } | null {
  const [program, ...args] = words;
  const name = program?.text ?? '';
  if (name === 'run-s' || name === 'run-p') {
    if (args.some(({ text }) => /^-|\{/.test(text) && !/^(?:-s|-l|-n|--silent|--print-label|--print-name)$/.test(text))) return null;
    const patterns = args.map(({ text }) => text).filter((text) => !text.startsWith('-'));
    const names = patterns.map((pattern) => matching(scripts, pattern));
    return names.some(({ length }) => length === 0) ? null : { names: names.flat(), args: [], parallel: name === 'run-p' };
  }
  if (!MANAGERS.has(name)) return null;
  const at = args.findIndex(({ text }) => !QUIET.test(text));
  const verb = args[at]?.text ?? '';
  const isRun = verb === 'run' || verb === 'run-script';
  const named = isRun ? at + 1 + args.slice(at + 1).findIndex(({ text }) => !QUIET.test(text)) : at;
  const script = !isRun && verb === 't' ? 'test' : (args[named]?.text ?? '');
  // Only npm needs `run` before most names; `bun test` is Bun's own runner.
  if (!isRun && (script === 'test' ? name === 'bun' : name === 'npm' || name === 'bun')) return null;
  const expression = /^\/(.+)\/$/.exec(script)?.[1];
  const rest = argsOf(name, args.slice(named + 1));
  if (rest === null) return null;
  if (expression !== undefined) return { names: Object.keys(scripts).filter((one) => new RegExp(expression).test(one)), args: rest, parallel: true };
  return Object.hasOwn(scripts, script) ? { names: [script], args: rest, parallel: false } : null;
}

/** npm takes options for itself unless `--` stands before them; the others hand everything over. */
function argsOf(manager: string, words: readonly ShellWord[]): readonly string[] | null {
  const dashes = words.findIndex(({ text }) => text === '--');
  const own = manager === 'npm' ? words.slice(0, dashes === -1 ? words.length : dashes).filter(({ text }) => !QUIET.test(text)) : [];
  if (own.some(({ text }) => text.startsWith('-'))) return null;
  const rest = manager === 'npm' ? (dashes === -1 ? [] : words.slice(dashes + 1)) : words.filter((_, index) => index !== dashes);
  return [...own, ...rest].map(({ raw }) => raw);
}

/** `run-s "test:*"`: a star ends at a colon. */
function matching(scripts: Scripts, pattern: string): readonly string[] {
  const swap = (text: string): string => text.replaceAll(/[:/]/g, (one) => (one === ':' ? '/' : ':'));
  return Object.keys(scripts).filter((name) => picomatch.isMatch(swap(name), swap(pattern)));
}

function configOf(args: readonly string[]): string | null {
  for (const [index, arg] of args.entries()) {
    const value = arg === '--config' || arg === '-c' ? args[index + 1] : /^--config=(.*)$/.exec(arg)?.[1];
    if (value !== undefined && value !== '' && !value.startsWith('{')) return value;
  }
  return null;
}
