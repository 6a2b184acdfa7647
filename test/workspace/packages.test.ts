import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Workspace } from '../../src/model/workspace.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

function discover(cwd: string): Promise<Workspace> {
  return discoverWorkspace({ cwd, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
}

const folders = (workspace: Workspace): string[] => workspace.packages.map(({ folder }) => folder);

describe('packages', () => {
  test('npm workspaces, with negation, and nothing that is not declared', async () => {
    await using project = await makeProject({
      'package.json': JSON.stringify({ name: 'mono', private: true, workspaces: ['packages/*', './apps/**', '!apps/old'] }),
      'package-lock.json': '{}',
      'packages/api/package.json': '{"name":"@mono/api","scripts":{"test":"vitest"},"peerDependencies":{"react":"*"}}',
      'packages/api/deep/package.json': '{}',
      'apps/web/admin/package.json': '{}',
      'apps/old/package.json': '{}',
      'examples/demo/package.json': '{}',
    }, { git: true });
    const workspace = await discover(project.root);
    expect(folders(workspace)).toEqual(['', 'apps/web/admin', 'packages/api']);
    expect(workspace.packages[2]).toEqual({
      folder: 'packages/api', name: '@mono/api', scripts: { test: 'vitest' }, dependencies: {}, devDependencies: {}, optionalDependencies: {}, peerDependencies: { react: '*' }, private: false, tools: {},
    });
    expect(workspace.packageManager).toEqual({ name: 'npm', lockfile: 'package-lock.json' });
  });

  test('pnpm-workspace.yaml, yarn, bun, and the packageManager field', async () => {
    await using pnpm = await makeProject({ 'package.json': '{}', 'pnpm-workspace.yaml': "packages:\n  - 'libs/*'\n", 'pnpm-lock.yaml': '', 'libs/a/package.json': '{}', 'other/package.json': '{}' });
    const workspace = await discover(pnpm.root);
    expect([folders(workspace), workspace.packageManager]).toEqual([['', 'libs/a'], { name: 'pnpm', lockfile: 'pnpm-lock.yaml' }]);
    await using yarn = await makeProject({ 'package.json': '{"packageManager":"yarn@4.1.0","workspaces":{"packages":["p"]}}', 'package-lock.json': '{}', 'yarn.lock': '', 'p/package.json': '{}' });
    const other = await discover(yarn.root);
    expect([folders(other), other.packageManager]).toEqual([['', 'p'], { name: 'yarn', lockfile: 'yarn.lock' }]);
    await using bun = await makeProject({ 'package.json': '{}', 'bun.lock': '' });
    expect((await discover(bun.root)).packageManager).toEqual({ name: 'bun', lockfile: 'bun.lock' });
  });

  test('several projects side by side under a root without a package.json', async () => {
    await using project = await makeProject({ 'web/package.json': '{}', 'web/sub/package.json': '{}', 'api/package.json': '{"workspaces":["w"]}', 'api/w/package.json': '{}', 'test/fixtures/x/package.json': '{}' }, { git: true });
    expect(folders(await discover(project.root))).toEqual(['api', 'api/w', 'web']);
  });

  test('a package.json or pnpm-workspace.yaml that does not parse is a fault', async () => {
    await using project = await makeProject({ 'package.json': '{"workspaces":["p"]}', 'p/package.json': '{"name": }' }, { git: true });
    const workspace = await discover(project.root);
    expect(folders(workspace)).toEqual(['']);
    expect(workspace.faults.map(({ file }) => file)).toEqual(['p/package.json']);
    expect(workspace.faults[0]?.message).toMatch(/^is not valid JSON \(.*\); correct it$/);
    await using yaml = await makeProject({ 'package.json': '{}', 'pnpm-workspace.yaml': 'packages: [\n' });
    expect((await discover(yaml.root)).faults.map(({ file }) => file)).toEqual(['pnpm-workspace.yaml']);
  });
});

describe('tools and setup', () => {
  const declared = JSON.stringify({ devDependencies: { typescript: '*' } });

  test('are resolved from each package, through links, without asking exports', async () => {
    await using project = await makeProject({
      'package.json': '{"workspaces":["p"]}', 'p/package.json': '{}',
      'node_modules/typescript/package.json': '{"name":"typescript","version":"5.9.3","exports":{".":"./x.js"}}',
      'node_modules/.pnpm/eslint@9.0.0/node_modules/eslint/package.json': '{"name":"eslint","version":"9.0.0"}',
      'p/node_modules/typescript/package.json': '{"name":"typescript","version":"6.0.3"}',
      'p/node_modules/jest/package.json': 'half-instal',
    });
    await symlink('.pnpm/eslint@9.0.0/node_modules/eslint', path.join(project.root, 'node_modules/eslint'));
    const { packages, setupProblem } = await discover(project.root);
    const eslint = { name: 'eslint', version: '9.0.0', folder: path.join(project.root, 'node_modules/.pnpm/eslint@9.0.0/node_modules/eslint') };
    expect(packages[0]?.tools).toEqual({ typescript: { name: 'typescript', version: '5.9.3', folder: path.join(project.root, 'node_modules/typescript') }, eslint });
    expect(packages[1]?.tools).toEqual({ typescript: { name: 'typescript', version: '6.0.3', folder: path.join(project.root, 'p/node_modules/typescript') }, eslint });
    expect(setupProblem).toBeNull();
  });

  test.each([
    [{ 'package-lock.json': '{}' }, 'npm ci'],
    [{}, 'npm install'],
    [{ 'pnpm-lock.yaml': '' }, 'pnpm install --frozen-lockfile'],
    [{ 'yarn.lock': '' }, 'yarn install'],
    [{ 'bun.lock': '' }, 'bun install --frozen-lockfile'],
  ])('no node_modules beside %j is one problem: %s', async (lockfile, command) => {
    await using project = await makeProject({ 'package.json': declared, ...lockfile });
    expect((await discover(project.root)).setupProblem).toBe(`node_modules is missing: run ${command}`);
  });

  test('a cache in node_modules is no installation, a missing tool no setup problem', async () => {
    await using project = await makeProject({ 'package.json': declared });
    await mkdir(path.join(project.root, 'node_modules/.vite'), { recursive: true });
    expect((await discover(project.root)).setupProblem).toBe('node_modules is missing: run npm install');
    await project.write({ 'node_modules/other/package.json': '{}' });
    expect((await discover(project.root)).setupProblem).toBeNull();
  });

  test('names the package where the root is none, and Plug and Play', async () => {
    await using project = await makeProject({ 'web/package.json': declared }, { git: true });
    expect((await discover(project.root)).setupProblem).toBe('node_modules is missing in web: run npm install there');
    await using pnp = await makeProject({ 'package.json': declared, '.pnp.cjs': '', 'yarn.lock': '' });
    expect((await discover(pnp.root)).setupProblem).toBe('the packages are installed as Yarn Plug\'n\'Play, which is not supported: set "nodeLinker: node-modules" in .yarnrc.yml and run yarn install');
  });

  test('nothing declared needs nothing installed', async () => {
    await using project = await makeProject({ 'package.json': '{"peerDependencies":{"x":"*"}}' });
    expect((await discover(project.root)).setupProblem).toBeNull();
  });
});

describe('lint configurations', () => {
  test('of the root, the packages and the folders between', async () => {
    await using project = await makeProject({
      'package.json': '{"workspaces":["apps/*/*"]}', 'eslint.config.mjs': '', '.eslintrc.json': '{}', 'biome.jsonc': '{}',
      'apps/team/.oxlintrc.json': '{}', 'apps/team/web/package.json': '{"eslintConfig":{}}', 'test/fixtures/eslint.config.js': '',
    }, { git: true, packages: { oxlint: 'oxlint' } });
    const configs = (await discover(project.root)).lintConfigs;
    expect(configs.map(({ linter, config, folder, tool }) => [linter, config, folder, tool?.name ?? null])).toEqual([
      ['eslint', 'eslint.config.mjs', '', null],
      ['biome', 'biome.jsonc', '', null],
      ['oxlint', 'apps/team/.oxlintrc.json', 'apps/team', 'oxlint'],
      ['eslintrc', 'apps/team/web/package.json', 'apps/team/web', null],
    ]);
  });
});
