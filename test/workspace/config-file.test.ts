import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig, type ConfigResult } from '../../src/workspace/config-file.ts';
import { makeProject } from '../rig/project.ts';

async function load(files: Readonly<Record<string, string>>, explicit: string | null = null): Promise<ConfigResult> {
  await using project = await makeProject(files, { name: 'my project' });
  const result = await loadConfig({ root: project.root, explicit, cwd: project.root });
  return result.ok && result.file !== null ? { ...result, file: path.relative(project.root, result.file) } : result;
}

const json = (value: unknown): Record<string, string> => ({ 'spark-gates.config.json': JSON.stringify(value) });
const problem = (result: ConfigResult): string | null => (result.ok ? null : result.problem);

describe('finds and runs', () => {
  test.each([
    ['spark-gates.config.ts', "import { defineConfig } from 'spark-gates';\nconst level: string = 'spark';\nexport default defineConfig({ preset: level as 'spark' });"],
    ['spark-gates.config.mts', "import preset from './preset.ts';\nexport default { preset };"],
    ['spark-gates.config.js', "export default { preset: 'spark' };"],
    ['spark-gates.config.mjs', "export default await Promise.resolve({ preset: 'spark' });"],
    ['spark-gates.config.json', '{ // kept short\n "preset": "spark", }'],
  ])('%s', async (file, text) => {
    expect(await load({ [file]: text, 'preset.ts': "export default 'spark' as const;" })).toEqual({ ok: true, config: { preset: 'spark' }, file });
  });

  test('the package.json key, an explicit file, and none at all', async () => {
    expect(await load({ 'package.json': '{"spark-gates":{"exclude":"gen/**"}}' })).toEqual({ ok: true, config: { exclude: ['gen/**'] }, file: 'package.json' });
    expect(await load({ ...json({ preset: 'spark' }), 'ci/gates.json': '{"base":"origin/main"}' }, 'ci/gates.json')).toEqual({ ok: true, config: { base: 'origin/main' }, file: path.join('ci', 'gates.json') });
    expect(await load({ 'package.json': '{}' })).toEqual({ ok: true, config: {}, file: null });
  });

  test('a changed file is read again', async () => {
    await using project = await makeProject({ 'spark-gates.config.mjs': "export default { base: 'one' };" });
    const once = (): Promise<ConfigResult> => loadConfig({ root: project.root, explicit: null, cwd: project.root });
    const first = await once();
    await project.write({ 'spark-gates.config.mjs': "export default { base: 'two' };" });
    expect([first, await once()].map((result) => result.ok && result.config)).toEqual([{ base: 'one' }, { base: 'two' }]);
  });
});

describe('refuses', () => {
  test.each([
    [{ gates: { lint_enforcment: {} } }, 'gates.lint_enforcment is not a gate; did you mean lint_enforcement?'],
    [{ gates: { lint_enforcement: { maxWarning: 0 } } }, 'gates.lint_enforcement.maxWarning is not a setting; did you mean maxWarnings?'],
    [{ zzz: 1 }, 'zzz is not a setting'],
    [{ preset: 'sparc' }, 'preset is "sparc"; expected one of recommended, spark; did you mean spark?'],
    [{ gates: { test_coverage: { thresholds: { lines: 150 } } } }, 'gates.test_coverage.thresholds.lines is 150; expected at most 100'],
    [{ gates: { syntax_validation: { timeLimitMs: '5s' } } }, 'gates.syntax_validation.timeLimitMs is "5s"; expected a number'],
    [{ gates: { performance_check: { bundles: [{ entry: 'a.ts', maxByte: 1 }] } } }, 'gates.performance_check.bundles.0.maxBytes is missing; expected a number\n<file>: gates.performance_check.bundles.0.maxByte is not a setting; did you mean maxBytes?'],
    [{ teams: { api: 5 } }, 'teams.api is 5; expected a text or a list'],
    [{ teams: { 'a b': 'src' } }, 'teams.a b: a team name has no blanks, "=" or ","'],
    [{ teams: Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`t${String(index)}`, 'src'])) }, 'teams: at most 64 teams'],
    [{ exclude: [] }, 'exclude is []; expected a list that is not empty'],
    [[], 'the configuration is []; expected an object'],
  ])('%j', async (value, sentence) => {
    expect(problem(await load(json(value)))).toBe(`spark-gates.config.json: ${sentence.replaceAll('<file>', 'spark-gates.config.json')}`);
  });

  test.each([
    ['spark-gates.config.json', '{"teams":{"__proto__":"src","web":"web"}}', 'spark-gates.config.json'],
    ['spark-gates.config.json', '{"teams":{"__proto__":["src"],"web":"web"}}', 'spark-gates.config.json'],
    ['package.json', '{"spark-gates":{"teams":{"__proto__":"src","web":"web"}}}', 'package.json "spark-gates"'],
    ['spark-gates.config.mjs', "export default { teams: { ['__proto__']: 'src', web: 'web' } };", 'spark-gates.config.mjs'],
    ['spark-gates.config.mjs', "export default { teams: { __proto__: ['src'], web: 'web' } };", 'spark-gates.config.mjs: teams'],
  ])('a team that would get lost by its name (%s: %s)', async (file, text, where) => {
    expect(problem(await load({ [file]: text }))).toBe(`${where}: "__proto__" cannot be a key, it would get lost; choose another name`);
  });

  test('two configurations, naming both', async () => {
    expect(problem(await load({ ...json({}), 'spark-gates.config.ts': '' }))).toBe('spark-gates.config.ts and spark-gates.config.json both configure spark-gates; keep one of them');
    expect(problem(await load({ ...json({}), 'package.json': '{"spark-gates":{}}' }))).toBe('spark-gates.config.json and package.json "spark-gates" both configure spark-gates; keep one of them');
  });

  test('what does not parse, throws, or is not there', async () => {
    expect(problem(await load({ 'spark-gates.config.json': '{"preset": }' }))).toBe('spark-gates.config.json: is not valid JSON (ValueExpected at line 1, column 12)');
    expect(problem(await load({ 'spark-gates.config.json': '' }))).toBe('spark-gates.config.json: is not valid JSON (ValueExpected at line 1, column 1)');
    expect(problem(await load({ 'spark-gates.config.mjs': "throw new Error('no luck');" }))).toBe('spark-gates.config.mjs: could not be loaded: no luck');
    expect(problem(await load({ 'spark-gates.config.mjs': 'export default () => ({});' }))).toBe('spark-gates.config.mjs: the configuration is a function; expected plain data');
    expect(problem(await load({ 'spark-gates.config.ts': "import 'gone';\nexport default {};" }))).toBe("spark-gates.config.ts: could not be loaded: Cannot find module 'gone'");
    expect(problem(await load({ 'spark-gates.config.ts': 'export default { gates: Promise.resolve({}) };' }))).toBe('spark-gates.config.ts: gates is a promise; await it');
    expect(problem(await load({ 'package.json': '{"spark-gates":{"preset":1}}' }))).toBe('package.json "spark-gates": preset is 1; expected one of recommended, spark');
    expect(problem(await load({}, 'nope.json'))).toBe('nope.json: there is no such file');
    expect(problem(await load({ 'dir/a': '' }, 'dir'))).toBe('dir: this is not a file; give the path of a configuration file');
  });
});
