import type { TestSuite } from '../model/workspace.ts';

/** What a package script comes down to. */
export type ScriptMeaning =
  /** There is no such script, or it is npm's placeholder. */
  | { readonly kind: 'none' }
  /** It has other packages run theirs. */
  | { readonly kind: 'delegates' }
  | { readonly kind: 'runner'; readonly runner: TestSuite['runner']; /** Relative to the package, as written. */ readonly config: string | null };

type Scripts = Readonly<Record<string, string>>;

const RUNNERS: Readonly<Record<string, TestSuite['runner']>> = { vitest: 'vitest', jest: 'jest', mocha: 'mocha', _mocha: 'mocha' };
const DELEGATORS = new Set(['turbo', 'nx', 'lerna', 'wsrun', 'ultra', 'moon', 'rush', 'wireit']);
const WORKSPACE_FLAGS = /^(?:-r|--recursive|--filter(?:=.*)?|-F|--workspaces|-ws|-w|--workspace(?:=.*)?|--workspaces=.*|-A|--all)$/;
/** Programs that run the program named after their own options. */
const WRAPPERS = new Set(['npx', 'bunx', 'pnpx', 'c8', 'nyc', 'cross-env', 'cross-env-shell', 'dotenv', 'env', 'time', 'dotenvx', 'xvfb-run']);
const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun']);
/** Options of the wrappers that are followed by a value of their own. */
const VALUE_FLAGS = new Set(['-e', '-p', '--package', '-r', '--reporter', '-o', '--temp-directory', '--reports-dir', '-x', '--exclude', '-n', '--include']);

/**
 * Reads a script as far as needed to name its test runner: through `npm run x`, `npx`, `c8`, environment assignments and
 * `&&`. What is not understood, or mixes several runners, is a plain command: its exact words are run.
 */
export function readScript(scripts: Scripts, name: string): ScriptMeaning {
  const text = scripts[name];
  if (text === undefined || text.trim() === '' || /no test specified/i.test(text)) return { kind: 'none' };
  const found: ScriptMeaning[] = [];
  collect(scripts, name, new Set(), found);
  if (found.some(({ kind }) => kind === 'delegates')) return { kind: 'delegates' };
  const runners = found.filter((one) => one.kind === 'runner');
  const [first] = runners;
  if (first !== undefined && runners.every(({ runner, config }) => runner === first.runner && config === first.config)) return first;
  return { kind: 'runner', runner: 'command', config: null };
}

/** The tsconfig files, or their folders, that scripts give to the compiler with `-p`, `--project` or `-b`, relative to the package, as written. */
export function compilerConfigs(scripts: Scripts): string[] {
  const commands = Object.values(scripts).flatMap((text) => splitCommands(text).map(unwrap));
  return commands.flatMap(([program = '', ...args]) => {
    if (!/^(?:.*[\\/])?tsc$/.test(program)) return [];
    const isBuild = args.some((arg) => /^--?b(?:uild)?$/.test(arg));
    return args.filter((arg, index) => !arg.startsWith('-') && (isBuild || /^--?p(?:roject)?$/.test(args[index - 1] ?? '')));
  });
}

function collect(scripts: Scripts, name: string, seen: Set<string>, found: ScriptMeaning[]): void {
  if (seen.has(name)) return;
  seen.add(name);
  for (const words of splitCommands(scripts[name] ?? '')) {
    const meaning = readWords(unwrap(words));
    if (meaning === null) continue;
    if ('scripts' in meaning) {
      for (const script of meaning.scripts.flatMap((pattern) => matching(scripts, pattern))) collect(scripts, script, seen, found);
    } else found.push(meaning);
  }
}

/** `run-s test:*` and pnpm's `run "/^test:/"` name several. */
function matching(scripts: Scripts, pattern: string): string[] {
  const expression = /^\/(.+)\/$/.exec(pattern)?.[1];
  if (expression !== undefined) return Object.keys(scripts).filter((name) => new RegExp(expression).test(name));
  if (!pattern.endsWith('*')) return pattern in scripts ? [pattern] : [];
  return Object.keys(scripts).filter((name) => name.startsWith(pattern.slice(0, -1)));
}

function readWords(words: readonly string[]): ScriptMeaning | { readonly scripts: readonly string[] } | null {
  const [program = '', ...args] = words;
  const name = program.replace(/^.*[\\/]/, '').replace(/\.(?:cmd|exe|[cm]?js)$/, '');
  if (DELEGATORS.has(name)) return { kind: 'delegates' };
  if (MANAGERS.has(name)) return readManager(name, args);
  if (name === 'run-s' || name === 'run-p' || name === 'npm-run-all' || name === 'npm-run-all2') {
    return { scripts: args.filter((arg) => !arg.startsWith('-')) };
  }
  if (name === 'node') {
    if (args.some((arg) => arg === '--test')) return { kind: 'runner', runner: 'node:test', config: null };
    const inner = args.findIndex((arg) => !arg.startsWith('-'));
    return inner === -1 || !/node_modules/.test(args[inner] ?? '') ? null : readWords(args.slice(inner));
  }
  const runner = Object.hasOwn(RUNNERS, name) ? RUNNERS[name] : undefined;
  return runner === undefined ? null : { kind: 'runner', runner, config: configOf(args) };
}

function readManager(manager: string, args: readonly string[]): ScriptMeaning | { readonly scripts: readonly string[] } | null {
  if (args.some((arg) => WORKSPACE_FLAGS.test(arg)) || args[0] === 'workspaces' || args[0] === 'workspace') return { kind: 'delegates' };
  const words = args.filter((arg) => arg === '--' || !arg.startsWith('-'));
  const [verb, next] = words;
  if (verb === undefined) return null;
  if (verb === 'run' || verb === 'run-script') return next === undefined ? null : { scripts: [next] };
  if (verb === 'test' || verb === 't') return manager === 'bun' ? { kind: 'runner', runner: 'command', config: null } : { scripts: ['test'] };
  if (verb === 'exec' || verb === 'dlx' || verb === 'x') return readWords(unwrap(args.slice(args.indexOf(verb) + 1).filter((arg) => arg !== '--')));
  if (manager === 'npm') return null;
  // `pnpm build` and `yarn vitest` run a script or, failing that, a program.
  return readWords(args.slice(args.indexOf(verb))) ?? { scripts: [verb] };
}

/** Drops `NAME=value`, `npx`, `c8 --all` and the like before the program. */
function unwrap(words: readonly string[]): readonly string[] {
  let rest = [...words];
  for (;;) {
    const [first] = rest;
    if (first === undefined) return rest;
    if (/^[A-Za-z_]\w*=/.test(first)) rest = rest.slice(1);
    else if (WRAPPERS.has(first)) {
      rest = rest.slice(1);
      while (rest[0]?.startsWith('-') === true) rest = rest.slice(VALUE_FLAGS.has(rest[0]) ? 2 : 1);
    } else return rest;
  }
}

function configOf(args: readonly string[]): string | null {
  for (const [index, arg] of args.entries()) {
    const value = arg === '--config' || arg === '-c' ? args[index + 1] : /^--config=(.*)$/.exec(arg)?.[1];
    if (value !== undefined && value !== '' && !value.startsWith('{')) return value;
  }
  return null;
}

/** The simple commands of a shell line, each as its words; quotes are taken off. */
function splitCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/&&|\|\||[;|&\n]|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;|&"'])+/g)) {
    if (/^(?:&&|\|\||[;|&\n])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(token.replaceAll(/"((?:\\.|[^"\\])*)"|'([^']*)'/g, (_, double: string | undefined, single: string | undefined) => double ?? single ?? ''));
  }
  return commands.filter((words) => words.length > 0);
}
