import path from 'node:path';
import type { TestSuite, ToolName } from '../model/workspace.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { inFolder, type FoundPackage } from './packages.ts';
import { readScript } from './script-runner.ts';
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
  readonly root: string;
  readonly files: readonly string[];
  readonly there: ReadonlySet<string>;
  readonly tools: ToolLocator;
}

/**
 * How the workspace's tests are run. A root that has each package run its own (turbo, nx, `--workspaces`) is represented by
 * those. Beside a root that runs tests itself, a package counts only where the root's run does not reach its tests.
 */
export function findTestSuites(root: string, files: readonly string[], packages: readonly FoundPackage[], tools: ToolLocator): TestSuite[] {
  const tree: Tree = { root, files, there: new Set(files), tools };
  const head = packages.find(({ folder }) => folder === '');
  const members = packages.filter(({ folder }) => folder !== '');
  return (['unit', 'integration'] as const).flatMap((role) => {
    const own = head === undefined ? null : findSuite(tree, head, role, members);
    if (own === null || own === 'delegates') return members.map((one) => findSuite(tree, one, role, [])).filter(isSuite);
    if (coversEveryPackage(tree, own)) return [own];
    const others = members.filter(({ json }) => SCRIPTS[role].some((name) => json.scripts[name] !== undefined)).map((one) => findSuite(tree, one, role, []));
    return [own, ...others.filter(isSuite).filter((suite) => suite.runner !== own.runner || suite.config !== null)];
  });
}

function isSuite(value: TestSuite | 'delegates' | null): value is TestSuite {
  return value !== null && value !== 'delegates';
}

function findSuite(tree: Tree, one: FoundPackage, role: TestSuite['role'], members: readonly FoundPackage[]): TestSuite | 'delegates' | null {
  const { folder, json } = one;
  for (const script of SCRIPTS[role]) {
    const meaning = readScript(json.scripts, script);
    if (meaning.kind === 'none') continue;
    if (meaning.kind === 'delegates') return 'delegates';
    const { runner } = meaning;
    const config = meaning.config === null ? findConfig(tree, one, runner) : path.posix.normalize(inFolder(folder, meaning.config));
    return { runner, role, folder, config, script, tool: toolOf(tree, runner, folder) };
  }
  return role === 'unit' ? findUnscripted(tree, one, members) : null;
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
    if (tool !== null && (isConfigured || hasTests)) return { runner, role: 'unit', folder, config, script: null, tool };
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

/** True when the root's own configuration names the packages as projects. */
function coversEveryPackage(tree: Tree, suite: TestSuite): boolean {
  if (suite.runner === 'vitest' && [...EXTENSIONS, 'json'].some((end) => tree.there.has(`vitest.workspace.${end}`))) return true;
  if (suite.config === null) return false;
  const text = readTextIfThere(path.join(tree.root, suite.config)) ?? '';
  return (suite.runner === 'vitest' && /\b(?:projects|workspace)["']?\s*:/.test(text)) || (suite.runner === 'jest' && /\bprojects["']?\s*:/.test(text));
}
