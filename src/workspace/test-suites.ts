import path from 'node:path';
import type { CommandStep, TestStep, TestSuite, ToolName } from '../model/workspace.ts';
import { inFolder, type FoundPackage } from './packages.ts';
import { readScript, type ReadOptions, type ScriptStep } from './script-runner.ts';
import { runsAlready } from './test-projects.ts';
import type { ToolLocator } from './tools.ts';

const SCRIPTS: Readonly<Record<TestSuite['role'], readonly string[]>> = {
  unit: ['test'],
  integration: ['test:integration', 'integration', 'test:e2e', 'e2e'],
};

const EXTENSIONS = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'];
type ConfiguredRunner = 'vitest' | 'jest' | 'mocha';
const CONFIG_NAMES: Readonly<Record<ConfiguredRunner, readonly string[]>> = {
  vitest: [...EXTENSIONS.map((end) => `vitest.config.${end}`), ...EXTENSIONS.map((end) => `vite.config.${end}`), ...[...EXTENSIONS, 'json'].map((end) => `vitest.workspace.${end}`)],
  jest: [...EXTENSIONS, 'json'].map((end) => `jest.config.${end}`),
  mocha: ['js', 'cjs', 'mjs', 'yaml', 'yml', 'jsonc', 'json'].map((end) => `.mocharc.${end}`),
};
const TEST_FILE = /\.(?:test|spec)\.(?:[cm]?[jt]s|[jt]sx)$/;

interface Tree {
  readonly files: readonly string[];
  readonly there: ReadonlySet<string>;
  readonly tools: ToolLocator;
  readonly options: ReadOptions;
}

/** What a package's script comes down to: tests of its own, and whether it has other packages run theirs. */
interface PackageTests {
  readonly own: TestSuite | null;
  readonly delegates: boolean;
  /** Commands that come before the other packages' tests. */
  readonly prerequisites: readonly CommandStep[];
}

/**
 * How the workspace's tests are run. A root that has each package run its own (turbo, nx, `--workspaces`) is represented by
 * those. Beside a root that runs tests itself, a package's own script counts too, unless it is certain that the root's run is
 * the same: a test that runs twice costs time, one that never runs is a pass that nobody earned.
 */
export function findTestSuites(root: string, files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): TestSuite[] {
  const members = packages.filter(({ folder }) => folder !== '');
  const tasks = new Set(members.flatMap(({ json }) => Object.keys(json.scripts)));
  const head = packages.find(({ folder }) => folder === '');
  const tree: Tree = { files, there: new Set(files), tools, options: { hooks: !isYarnBerry(files, head), tasks } };
  return (['unit', 'integration'] as const).flatMap((role) => {
    const { own, delegates, prerequisites } = head === undefined ? NO_TESTS : findTests(tree, head, role, members);
    const others = members.flatMap((one) => {
      if (own !== null && !delegates && SCRIPTS[role].every((name) => one.json.scripts[name] === undefined)) return [];
      const suite = findTests(tree, one, role, []).own;
      if (suite === null || (own !== null && !delegates && runsAlready(root, own, suite))) return [];
      return [{ ...suite, steps: [...prerequisites, ...suite.steps] }];
    });
    return [...(own === null ? [] : [own]), ...others];
  });
}

const NO_TESTS: PackageTests = { own: null, delegates: false, prerequisites: [] };

/** From its second major version on, Yarn runs no `pretest` and `posttest`. */
function isYarnBerry(files: readonly string[], head: FoundPackage | undefined): boolean {
  return files.includes('.yarnrc.yml') || /^yarn@(?:[2-9]|\d\d)/.test(head?.json.packageManager ?? '');
}

function findTests(tree: Tree, one: FoundPackage, role: TestSuite['role'], members: readonly FoundPackage[]): PackageTests {
  for (const script of SCRIPTS[role]) {
    const steps = readScript(one.json.scripts, script, tree.options);
    if (steps === null) continue;
    const at = steps.findIndex(({ kind }) => kind === 'delegation');
    const isOwn = (step: ScriptStep, index: number): boolean => step.kind === 'runner' || (step.kind === 'command' && index > at);
    const own = steps.some(isOwn) ? suiteOf(tree, one, { role, script, steps: steps.filter(({ kind }) => kind !== 'delegation') }) : null;
    const prerequisites = steps.slice(0, Math.max(at, 0)).flatMap((step) => (step.kind === 'command' ? [commandStep(step, one.folder)] : []));
    return { own, delegates: at !== -1, prerequisites };
  }
  return role === 'unit' ? { ...NO_TESTS, own: findUnscripted(tree, one, members) } : NO_TESTS;
}

function suiteOf(tree: Tree, one: FoundPackage, { role, script, steps: read }: { readonly role: TestSuite['role']; readonly script: string; readonly steps: readonly ScriptStep[] }): TestSuite {
  const { folder } = one;
  const steps = read.flatMap((step): TestStep[] => {
    if (step.kind === 'delegation') return [];
    if (step.kind === 'command') return [commandStep(step, folder)];
    const { runner, config, ...call } = step;
    return [{ ...call, config: config === null ? findConfig(tree, one, runner) : path.posix.normalize(inFolder(folder, config)) }];
  });
  const runner = read.find((step) => step.kind === 'runner')?.runner ?? 'command';
  const config = steps.find((step) => step.kind === 'runner')?.config ?? null;
  return { runner, role, folder, config, script, tool: toolOf(tree, runner, folder), steps };
}

function commandStep({ script, text }: { readonly script: string; readonly text: string }, folder: string): CommandStep {
  return { kind: 'command', folder, script, text };
}

/** Tests that no script runs: a runner that the package can find, with a configuration or with files named like tests. */
function findUnscripted(tree: Tree, one: FoundPackage, members: readonly FoundPackage[]): TestSuite | null {
  const { folder } = one;
  const prefix = inFolder(folder, '');
  const isMembers = (file: string): boolean => members.some((member) => file.startsWith(`${member.folder}/`));
  const hasTests = tree.files.some((file) => file.startsWith(prefix) && TEST_FILE.test(file) && !isMembers(file));
  for (const runner of ['vitest', 'jest', 'mocha'] as const) {
    const tool = toolOf(tree, runner, folder);
    const config = findConfig(tree, one, runner);
    const isConfigured = config !== null && !path.posix.basename(config).startsWith('vite.config.');
    const steps: readonly TestStep[] = [{ kind: 'runner', script: null, config, assignments: [], launcher: [], nodeOptions: [], words: [] }];
    if (tool !== null && (isConfigured || hasTests)) return { runner, role: 'unit', folder, config, script: null, tool, steps };
  }
  return null;
}

function findConfig(tree: Tree, { folder, json }: FoundPackage, runner: TestSuite['runner']): string | null {
  if (runner === 'command' || runner === 'node:test') return null;
  const file = CONFIG_NAMES[runner].map((name) => inFolder(folder, name)).find((name) => tree.there.has(name));
  if (file !== undefined) return file;
  return runner !== 'vitest' && json.raw[runner] !== undefined ? inFolder(folder, 'package.json') : null;
}

function toolOf(tree: Tree, runner: TestSuite['runner'], folder: string): TestSuite['tool'] {
  return runner === 'command' || runner === 'node:test' ? null : tree.tools.find(runner satisfies ToolName, folder);
}
