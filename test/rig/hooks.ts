import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { handleHook } from '../../src/commands/hook.ts';
import { answerHook, type HookProcess } from '../../src/hooks/entry.ts';
import { endSession } from '../../src/hooks/events/session-end.ts';
import { leaseEdit } from '../../src/hooks/lease-edit.ts';
import { systemClock } from '../../src/system/clock.ts';
import { TextOutput } from '../../src/system/text-output.ts';
import { runCli } from './cli.ts';
import { systemTestEnvironment } from './environment.ts';
import { makeProject, REPOSITORY, type Project } from './project.ts';

const TOOLS = ['typescript', 'eslint', 'typescript-eslint', 'vitest', '@vitest/coverage-v8'] as const;

/** The parts of the shop, and with them the tasks: `TASK-billing` is team1's, and so on. */
export const PARTS = ['billing', 'catalog', 'checkout', 'search'] as const;

/** A shop whose parts are still to be written, with a task for each of the first `count`. Tests belong to the same task. */
export async function makeHookShop(count: number = PARTS.length): Promise<Project> {
  const versions = Object.fromEntries(await Promise.all(TOOLS.map(async (tool) => [tool, await versionOf(tool)] as const)));
  const parts = PARTS.slice(0, count);
  return makeProject({
    'package.json': json({ name: 'shop', private: true, type: 'module', scripts: { test: 'vitest run' }, devDependencies: versions }),
    'README.md': '# Shop\n',
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', module: 'nodenext', strict: true, noEmit: true, skipLibCheck: true, types: [], allowImportingTsExtensions: true }, include: ['src'] }),
    'eslint.config.js': "import tseslint from 'typescript-eslint';\n\nexport default tseslint.config({ files: ['**/*.ts'], extends: [tseslint.configs.base], rules: { 'no-var': 'error' } }, { ignores: ['*.ts'] });\n",
    'vitest.config.ts': "export default { test: { include: ['src/**/*.test.ts'] } };\n",
    'spark-gates.config.json': json({ gates: { security_analysis: { audit: 'off', lockfile: false }, test_coverage: { thresholds: { lines: 80 } } } }),
    'src/types.ts': '/** What is sold. */\nexport interface Item {\n  readonly price: number;\n}\n',
    'tasks.json': json({ tasks: parts.map((part) => ({ id: `TASK-${part}`, description: `Write ${part}`, files: [`src/${part}/**`, 'src/types.ts'] })) }),
    ...Object.fromEntries(parts.map((part) => [`src/${part}/README.md`, `# ${part}\n`])),
  }, { git: true, packages: Object.fromEntries(TOOLS.map((tool) => [tool, tool])) });
}

/** A part that all gates pass. */
export function goodPart(part: string): Record<string, string> {
  return {
    [`src/${part}/total.ts`]: `/** The sum of all prices of ${part}. */\nexport function total(prices: readonly number[]): number {\n  return prices.reduce((sum, price) => sum + price, 0);\n}\n`,
    [`src/${part}/total.test.ts`]: `import { expect, test } from 'vitest';\nimport { total } from './total.ts';\n\ntest('${part} adds up', () => {\n  expect(total([1, 2])).toBe(3);\n});\n`,
  };
}

export interface HookResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The JSON object on stdout. */
  readonly answer: Record<string, unknown>;
}

export interface HookOptions {
  readonly cwd: string;
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Told of the process as soon as it is started. */
  readonly onStart?: (child: ChildProcess) => void;
}

export interface AnswerOptions {
  readonly args?: readonly string[];
  /** Absolute; the folder that the hook is started in. */
  readonly cwd: string;
  readonly projectFolder?: string;
  readonly signal?: AbortSignal;
  /** In place of the other half, for when it breaks or hangs. */
  readonly handle?: HookProcess['handle'];
}

/** The answer to a payload, in this process and without a daemon. */
export async function answerIn(input: unknown, options: AnswerOptions): Promise<unknown> {
  const never = new AbortController().signal;
  const environment = systemTestEnvironment();
  const said: string[] = [];
  await answerHook({
    args: options.args ?? [],
    cwd: options.cwd,
    projectFolder: options.projectFolder ?? null,
    nowMs: () => systemClock.now(),
    readInput: () => Promise.resolve(typeof input === 'string' ? input : JSON.stringify(input)),
    handle: options.handle ?? (async (request, signal) => {
      const stdout = new TextOutput();
      const stderr = new TextOutput();
      const exitCode = await handleHook({
        cwd: options.cwd, environment, stdout, stderr, colour: { stdout: false, stderr: false }, live: false, unicode: true, clock: systemClock, signal, force: never, daemon: null, kept: null,
        input: JSON.stringify(request),
      });
      return exitCode === 0 ? stdout.text : stderr.text;
    }),
    lease: (wanted) => leaseEdit({ ...wanted, clock: systemClock }),
    endSession: (ending) => endSession({ ...ending, clock: systemClock }),
    warm: () => Promise.resolve(),
    signal: options.signal ?? never,
    answer: (text) => {
      said.push(text);
      return Promise.resolve();
    },
  });
  const [only = '', ...more] = said;
  if (more.length > 0 || !only.endsWith('}\n')) throw new Error(`not one line: ${said.join('')}`);
  return JSON.parse(only);
}

/** Runs the built hook as a client would, with these bytes on stdin. Fails where stdout is not one JSON object. */
export async function runHook(input: unknown, { cwd, args = [], environment = {}, onStart }: HookOptions): Promise<HookResult> {
  const child = spawn(process.execPath, [path.join(REPOSITORY, 'dist', 'src', 'cli.js'), 'hook', ...args], {
    cwd, env: { ...systemTestEnvironment(), SPARK_GATES_DAEMON: '0', ...environment }, stdio: 'pipe',
  });
  onStart?.(child);
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; });
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; });
  // It may have read enough.
  child.stdin.on('error', () => undefined);
  child.stdin.end(typeof input === 'string' || input instanceof Uint8Array ? input : JSON.stringify(input));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const answer: unknown = JSON.parse(stdout);
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new Error(`no object: ${stdout}`);
  return { exitCode, stdout, stderr, answer: answer as Record<string, unknown> };
}

/** Starts a session with a task for each of the first `count` parts. */
export async function startSession({ root }: Project, count: number = PARTS.length): Promise<void> {
  const started = await runCli(['multi-implement', ...PARTS.slice(0, count).map((part) => `TASK-${part}`)], { cwd: root });
  if (started.exitCode !== 0) throw new Error(started.stderr);
}

/** Makes a recorded payload one of this project. */
export async function recorded(name: string, { root }: Pick<Project, 'root'>, more: Readonly<Record<string, unknown>> = {}): Promise<Record<string, unknown>> {
  const text = await readFile(path.join(REPOSITORY, 'test', 'fixtures', 'hook-payloads', `${name}.json`), 'utf8');
  return { ...(JSON.parse(text.replaceAll('/REPO', root)) as Record<string, unknown>), ...more };
}

async function versionOf(tool: string): Promise<string> {
  const text = await readFile(path.join(REPOSITORY, 'node_modules', tool, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
