import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunContext } from '../../../src/model/run-context.ts';
import type { RunnerStep } from '../../../src/model/workspace.ts';
import type { SubprocessRequest } from '../../../src/system/subprocess.ts';
import { RUNNER_ENVIRONMENT, type SuiteRun } from './suite-run.ts';

/** A call of a runner with all that its script says, as the shell would hand it over. */
export interface RunnerCall {
  /** What the package manager and the script set. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly launcher: readonly string[];
  readonly nodeOptions: readonly string[];
  readonly words: readonly string[];
}

/** Resolves a step's quotes, globs and variables in the suite's folder, through the shell where it takes one. */
export async function resolveCall(step: RunnerStep, run: SuiteRun, context: RunContext): Promise<RunnerCall> {
  const folder = path.join(context.workspace.root, run.suite.folder);
  const environment = { ...RUNNER_ENVIRONMENT, ...(await scriptEnvironment(folder, step.script, context)) };
  const written = [step.assignments, step.launcher, step.nodeOptions, step.words];
  const expanded = process.platform !== 'win32' && written.flat().some((word) => /[$*?[`~{]/.test(word))
    ? await expandByShell(written, { folder, environment, context })
    : written.map((words) => words.map(unquote));
  const [assignments = [], launcher = [], nodeOptions = [], words = []] = expanded;
  const assigned = Object.fromEntries(assignments.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]));
  return { environment: { ...environment, ...assigned }, launcher, nodeOptions, words: [...words, ...run.args] };
}

/** Starts our Node with the call's launcher and options of Node before `args`. */
export function nodeRequest(call: RunnerCall, args: readonly string[]): Pick<SubprocessRequest, 'file' | 'args'> {
  const [first, ...rest] = call.launcher;
  const own = [...call.nodeOptions, ...args];
  return first === undefined ? { file: process.execPath, args: own } : { file: first, args: [...rest, process.execPath, ...own] };
}

/** What npm sets for a script: `node_modules/.bin` of the folder and of all above it in PATH, names of script and package. */
export async function scriptEnvironment(folder: string, script: string | null, context: RunContext): Promise<Readonly<Record<string, string | undefined>>> {
  const PATH = [...binFolders(folder), context.environment['PATH'] ?? ''].join(path.delimiter);
  if (script === null) return { PATH };
  const manifest = path.join(folder, 'package.json');
  const { name, version } = JSON.parse(await readFile(manifest, 'utf8')) as { readonly name?: string; readonly version?: string };
  return {
    PATH,
    npm_command: 'run-script',
    npm_lifecycle_event: script,
    npm_node_execpath: process.execPath,
    npm_package_json: manifest,
    npm_package_name: name,
    npm_package_version: version,
    INIT_CWD: folder,
  };
}

function binFolders(folder: string): readonly string[] {
  const parent = path.dirname(folder);
  return [path.join(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : binFolders(parent))];
}

interface ShellPlace {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly context: RunContext;
}

/** Ends each group of words; no word of a script has a control character. */
const GROUP_END = '\u0001';

async function expandByShell(groups: readonly (readonly string[])[], { folder, environment, context }: ShellPlace): Promise<readonly (readonly string[])[]> {
  const words = groups.flatMap((group) => [...group, GROUP_END]);
  const { outcome, stdout, stderr } = await context.subprocess({ file: `printf '%s\\0' ${words.join(' ')}`, args: [], shell: true, cwd: folder, environment });
  if (outcome.kind !== 'exited' || outcome.exitCode !== 0) throw new Error(`the shell cannot read the script's words: ${stderr.trim()}`);
  const found: string[][] = [[]];
  for (const word of stdout.split('\0').slice(0, -1)) {
    if (word === GROUP_END) found.push([]);
    else found.at(-1)?.push(word);
  }
  return found;
}

function unquote(word: string): string {
  return word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, escaped?: string) =>
    double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\$`])/g, '$1'));
}
