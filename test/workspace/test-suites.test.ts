import { describe, expect, test } from 'vitest';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { readScript, type ReadOptions } from '../../src/workspace/script-runner.ts';
import { systemTestEnvironment } from '../rig/environment.ts';
import { makeProject } from '../rig/project.ts';

async function suites(files: Readonly<Record<string, string>>, packages: Readonly<Record<string, string>> = {}): Promise<unknown[]> {
  await using project = await makeProject(files, { packages });
  const { testSuites } = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
  return testSuites.map(({ runner, role, folder, config, script, tool }) => [runner, role, folder, config, script, tool?.name ?? null]);
}

const json = (scripts: Readonly<Record<string, string>>, more: object = {}): string => JSON.stringify({ scripts, ...more });

/** Steps as one reads them: `jest [assignments] [launcher] [options of node] words`, `> command`, `packages`. */
function read(scripts: Readonly<Record<string, string>>, options?: ReadOptions): readonly string[] | null {
  return readScript(scripts, 'test', options)?.map((step) => {
    if (step.kind === 'command') return `> ${step.text}`;
    if (step.kind === 'delegation') return 'packages';
    return [step.runner, ...[step.assignments, step.launcher, step.nodeOptions].filter(({ length }) => length > 0).map((words) => `[${words.join(' ')}]`), ...step.words].join(' ');
  }) ?? null;
}

describe('what a script comes down to', () => {
  test.each<[text: string, ...steps: string[]]>([
    ['vitest run', 'vitest run'],
    ['vitest run --config .config/vitest.config.ts', 'vitest run --config .config/vitest.config.ts'],
    ['NODE_ENV=test npx --yes vitest "src/a b"', 'vitest [NODE_ENV=test] "src/a b"'],
    ['cross-env CI=1 NODE_OPTIONS="--a --b" jest -c jest.unit.js', 'jest [CI=1 NODE_OPTIONS="--a --b"] -c jest.unit.js'],
    ['c8 --reporter text -r lcov mocha "test/**/*.js"', 'mocha "test/**/*.js"'],
    ['node --import tsx --test "test/*.test.ts"', 'node:test --import tsx --test "test/*.test.ts"'],
    ['node --no-warnings --require a node_modules/jest/bin/jest.js --ci', 'jest [--no-warnings --require a] --ci'],
    ['dotenv -e .env.test -- jest src', 'jest [dotenv -e .env.test --] src'],
    ['run-s lint unit', '> eslint .', 'vitest run'],
    ['run-p "u*"', 'vitest run'],
    ['pnpm run "/^u.*/"', 'vitest run'],
    ['pnpm unit --dir src', 'vitest run --dir src'],
    ['npm run unit -- --dir src', 'vitest run --dir src'],
    ['CI=1 npm run -s unit', 'vitest [CI=1] run'],
    ['c8 npm run unit', 'vitest run'],
    ['yarn vitest', 'vitest'],
    ['pnpm exec jest', 'jest'],
    // What stands around the runner is run too.
    ['npm run lint && npm run unit', '> npm run lint', 'vitest run'],
    ['tsc -p . && mocha dist/**/*.test.js && node smoke.js > log', '> tsc -p .', 'mocha dist/**/*.test.js', '> node smoke.js > log'],
    ['npm run lint --workspaces --if-present && vitest run', '> npm run lint --workspaces --if-present', 'vitest run'],
    ['turbo run build && jest', '> turbo run build', 'jest'],
    ['mocha test/unit && mocha test/e2e', 'mocha test/unit', 'mocha test/e2e'],
    ['c8 mocha && c8 report', 'mocha'],
    // What is not exactly that is run in its own words.
    ...['vitest run && mocha', 'npm test', 'ava', 'bun test', 'echo "vitest; jest"', 'vitestify', 'cd a && vitest run', 'vitest run || true', 'vitest run | tee log', 'vitest run > log', '(vitest run)', 'FOO=1 && vitest run',
      'run-p lint unit', 'run-s -c lint unit', 'npm --prefix a run unit', 'npx -p vitest vitest run', 'vitest bench', 'vitest related a.ts', 'jest --listTests', 'mocha "unclosed', 'env -i mocha',
      'node scripts/test.js', 'dotenv -e .env -- npm run both'].map((text): [string, string] => [text, `> ${text}`]),
  ])('%s', (text, ...steps) => {
    expect(read({ test: text, lint: 'eslint .', unit: 'vitest run', both: 'tsc && vitest run' })).toEqual(steps);
  });

  test.each<[text: string, ...steps: string[]]>([
    ...['turbo run test', 'turbo test', 'nx run-many -t test', 'pnpm -r test', 'npm test --workspaces', 'npm run test -w a', 'yarn workspaces foreach -A run test', 'pnpm --filter "./packages/*" test', 'pnpm -r run test:unit'].map((text): [string, string] => [text, 'packages']),
    ['npm run build && lerna run test && node smoke.js', '> npm run build', 'packages', '> node smoke.js'],
    ['turbo run build test --force', '> turbo run build --force', 'packages'],
    ['nx run-many -t build,test', '> nx run-many -t build,test'],
    ['pnpm -r build', '> pnpm -r build'],
    ['turbo run test || exit 1', '> turbo run test || exit 1'],
    ['vitest run && pnpm -r test', 'vitest run', 'packages'],
  ])('%s of the packages', (text, ...steps) => {
    expect(read({ test: text, build: 'tsc' }, { hooks: true, tasks: new Set(['build', 'test']) })).toEqual(steps);
  });

  test.each(['echo "Error: no test specified" && exit 1', '', ' '])('%j is none', (text) => {
    expect(read({ test: text })).toBe(null);
  });

  test('what npm runs before and after', () => {
    const scripts = { pretest: 'tsc', test: 'npm run unit', posttest: 'eslint .', preunit: 'rm -rf out', unit: 'mocha' };
    expect(read(scripts)).toEqual(['> tsc', '> rm -rf out', 'mocha', '> eslint .']);
    expect(read(scripts, { hooks: false })).toEqual(['mocha']);
    expect(read({ ...scripts, unit: 'ava' })).toEqual(['> tsc', '> npm run unit', '> eslint .']);
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

  test('a root that runs tests itself stands for a package only where that is certain', async () => {
    const b = ['jest', 'unit', 'packages/b', null, 'test', null];
    const a = ['vitest', 'unit', 'packages/a', null, 'test', null];
    expect(await suites({ 'package.json': root({ test: 'vitest run' }), ...members })).toEqual([['vitest', 'unit', '', null, 'test', null], b]);
    for (const script of ['vitest run --dir src', 'vitest run src', 'vitest run --project a', 'FOO=1 vitest run']) {
      expect(await suites({ 'package.json': root({ test: script }), ...members })).toEqual([['vitest', 'unit', '', null, 'test', null], a, b]);
    }
    const node = { 'packages/a/package.json': json({ test: 'node --test test' }), 'packages/b/package.json': json({ test: 'mocha' }) };
    expect(await suites({ 'package.json': root({ test: 'node --test test' }), ...node })).toEqual([['node:test', 'unit', '', null, 'test', null], ['node:test', 'unit', 'packages/a', null, 'test', null], ['mocha', 'unit', 'packages/b', null, 'test', null]]);
    expect(await suites({ 'package.json': root({ test: 'mocha' }), ...node })).toEqual([['mocha', 'unit', '', null, 'test', null], ['node:test', 'unit', 'packages/a', null, 'test', null], ['mocha', 'unit', 'packages/b', null, 'test', null]]);
  });

  test.each<[config: string, ...packages: string[]]>([
    ['export default { test: { projects: ["packages/*"] } };', 'packages/b'],
    ['export default defineConfig({ test: { projects: ["./packages/a/vitest.config.ts"] } });', 'packages/b'],
    ['export default { test: { projects: ["packages/b"] } };', 'packages/a', 'packages/b'],
    ['export default { test: { projects: ["packages/*", "!packages/a"] } };', 'packages/a', 'packages/b'],
    ['export default { test: { projects: names() } };', 'packages/a', 'packages/b'],
    ['export default { test: { include: ["src/*"] /* no projects: ["packages/*"] */ } };', 'packages/a', 'packages/b'],
    ['export default { plugins: [paths({ projects: ["packages/a"] })], test: {} };', 'packages/a', 'packages/b'],
  ])('the projects of %s', async (config, ...packages) => {
    const found = await suites({ 'package.json': root({ test: 'vitest run' }), 'vitest.config.ts': config, ...members, 'packages/a/vitest.config.ts': '' });
    expect(found.map((suite) => (suite as readonly string[])[2])).toEqual(['', ...packages]);
  });

  test('a package that does more than call its runner is never left to the root', async () => {
    const own = { ...members, 'packages/a/package.json': json({ test: 'npm run build && vitest', build: 'tsc' }) };
    const found = await suites({ 'package.json': root({ test: 'vitest run' }), 'vitest.config.ts': 'export default { test: { projects: ["packages/*"] } };', ...own });
    expect(found.map((suite) => (suite as readonly string[])[2])).toEqual(['', 'packages/a', 'packages/b']);
  });

  test('packages wait for what the root does before their tests; what it does after them is a suite of its own', async () => {
    await using project = await makeProject({ 'package.json': root({ pretest: 'tsc -b', test: 'lerna run test', posttest: 'node smoke.js' }), ...members });
    const { testSuites } = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
    const stepsOf = (folder: string) => testSuites.find((suite) => suite.folder === folder)?.steps.map((step) => (step.kind === 'command' ? `${step.folder}> ${step.text}` : step.words.join(' ')));
    expect(stepsOf('')).toEqual(['> tsc -b', '> node smoke.js']);
    expect(stepsOf('packages/a')).toEqual(['> tsc -b', '']);
  });

  test('Yarn from 2 on runs no hooks', async () => {
    for (const [files, count] of [[{ '.yarnrc.yml': '' }, 1], [{}, 2]] as const) {
      await using project = await makeProject({ 'package.json': json({ pretest: 'tsc', test: 'mocha' }), ...files });
      const { testSuites } = await discoverWorkspace({ cwd: project.root, base: 'HEAD', exclude: [], environment: systemTestEnvironment() });
      expect(testSuites[0]?.steps).toHaveLength(count);
    }
  });
});
