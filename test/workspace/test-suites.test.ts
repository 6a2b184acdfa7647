import { describe, expect, test } from 'vitest';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { readScript } from '../../src/workspace/script-runner.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

async function suites(files: Readonly<Record<string, string>>, packages: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
  await using project = await makeProject(files, { packages });
  const { testSuites } = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
  return testSuites.map(({ runner, role, folder, config, script, tool }) => [runner, role, folder, config, script, tool?.name ?? null]);
}

const json = (scripts: Readonly<Record<string, string>>, more: object = {}): string => JSON.stringify({ scripts, ...more });

describe('what a script comes down to', () => {
  test.each([
    ['vitest run', 'vitest', null],
    ['vitest run --config .config/vitest.config.ts', 'vitest', '.config/vitest.config.ts'],
    ['NODE_ENV=test npx vitest --config=v.ts', 'vitest', 'v.ts'],
    ['cross-env CI=1 jest -c jest.unit.js --ci', 'jest', 'jest.unit.js'],
    ['c8 --reporter text -r lcov mocha "test/**/*.js"', 'mocha', null],
    ['node --import tsx --test "test/*.test.ts"', 'node:test', null],
    ['node --experimental-vm-modules node_modules/jest/bin/jest.js', 'jest', null],
    ['npm run lint && npm run unit', 'vitest', null],
    ['run-s lint unit', 'vitest', null],
    ['run-p "u*"', 'vitest', null],
    ['pnpm run "/^u.*/"', 'vitest', null],
    ['pnpm unit', 'vitest', null],
    ['yarn vitest', 'vitest', null],
    ['pnpm exec jest', 'jest', null],
    ['vitest run && mocha', 'command', null],
    ['npm test', 'command', null],
    ['ava', 'command', null],
    ['bun test', 'command', null],
    ['echo "vitest; jest"', 'command', null],
    ['vitestify', 'command', null],
  ])('%s', (text, runner, config) => {
    expect(readScript({ test: text, lint: 'eslint .', unit: 'vitest run' }, 'test')).toEqual({ kind: 'runner', runner, config });
  });

  test.each(['turbo run test', 'nx run-many -t test', 'pnpm -r test', 'npm test --workspaces', 'npm run test -w a', 'yarn workspaces foreach run test', 'npm run build && lerna run test', 'pnpm --filter "./packages/*" test'])('%s delegates', (text) => {
    expect(readScript({ test: text, build: 'tsc' }, 'test')).toEqual({ kind: 'delegates' });
  });

  test.each(['echo "Error: no test specified" && exit 1', '', ' '])('%j is none', (text) => {
    expect(readScript({ test: text }, 'test')).toEqual({ kind: 'none' });
  });
});

describe('suites', () => {
  test('unit and integration, configuration and installed runner', async () => {
    expect(await suites({ 'package.json': json({ test: 'vitest run', 'test:e2e': 'playwright test', e2e: 'never looked at' }), 'vite.config.ts': '', 'vitest.config.ts': '' }, { vitest: 'vitest' })).toEqual([
      ['vitest', 'unit', '', 'vitest.config.ts', 'test', 'vitest'],
      ['command', 'integration', '', null, 'test:e2e', null],
    ]);
    expect(await suites({ 'package.json': json({ test: 'jest' }, { jest: {} }) })).toEqual([['jest', 'unit', '', 'package.json', 'test', null]]);
    expect(await suites({ 'package.json': json({ test: 'mocha' }), '.mocharc.yml': '' })).toEqual([['mocha', 'unit', '', '.mocharc.yml', 'test', null]]);
  });

  test('no script: an installed runner with a configuration or test files', async () => {
    const placeholder = json({ test: 'echo "Error: no test specified" && exit 1' });
    expect(await suites({ 'package.json': placeholder, 'a.test.ts': '' }, { vitest: 'vitest' })).toEqual([['vitest', 'unit', '', null, null, 'vitest']]);
    expect(await suites({ 'package.json': '{}', 'jest.config.js': '' }, { jest: 'jest' })).toEqual([['jest', 'unit', '', 'jest.config.js', null, 'jest']]);
    expect(await suites({ 'package.json': placeholder, 'a.test.ts': '' })).toEqual([]);
    expect(await suites({ 'package.json': '{}', 'vite.config.ts': '' }, { vitest: 'vitest' })).toEqual([]);
  });

  const members = { 'packages/a/package.json': json({ test: 'vitest' }), 'packages/b/package.json': json({ test: 'jest' }), 'packages/c/package.json': '{}' };
  const root = (scripts: Readonly<Record<string, string>>): string => json(scripts, { workspaces: ['packages/*'] });

  test('a root that delegates is represented by its packages', async () => {
    const expected = [['vitest', 'unit', 'packages/a', null, 'test', null], ['jest', 'unit', 'packages/b', null, 'test', null]];
    expect(await suites({ 'package.json': root({ test: 'turbo test' }), ...members })).toEqual(expected);
    expect(await suites({ 'package.json': root({}), ...members })).toEqual(expected);
  });

  test('a root that runs tests itself covers what its runner finds', async () => {
    expect(await suites({ 'package.json': root({ test: 'vitest run' }), ...members })).toEqual([['vitest', 'unit', '', null, 'test', null], ['jest', 'unit', 'packages/b', null, 'test', null]]);
    const own = { ...members, 'packages/a/vitest.config.ts': '' };
    expect(await suites({ 'package.json': root({ test: 'vitest run' }), ...own })).toEqual([
      ['vitest', 'unit', '', null, 'test', null], ['vitest', 'unit', 'packages/a', 'packages/a/vitest.config.ts', 'test', null], ['jest', 'unit', 'packages/b', null, 'test', null],
    ]);
    expect(await suites({ 'package.json': root({ test: 'vitest run' }), 'vitest.config.ts': 'export default { test: { projects: ["packages/*"] } };', ...own })).toEqual([['vitest', 'unit', '', 'vitest.config.ts', 'test', null]]);
  });
});
