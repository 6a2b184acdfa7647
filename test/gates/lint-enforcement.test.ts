import { describe, expect, test } from 'vitest';
import { lintEnforcement } from '../../gates/lint-enforcement/index.ts';
import type { Finding } from '../../src/model/finding.ts';
import { resolveSettings } from '../../src/model/preset.ts';
import { runGate, type GateRun, type GateRunOptions } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';

type Files = Readonly<Record<string, string | Uint8Array>>;
type Options = GateRunOptions & { packages?: Readonly<Record<string, string>>; name?: string };

async function check(files: Files, options: Options = {}): Promise<GateRun> {
  const { packages = { eslint: 'eslint' }, name, ...rest } = options;
  await using project = await makeProject(files, { packages, ...(name === undefined ? {} : { name }) });
  return await runGate(project, 'lint_enforcement', rest);
}

/** Each check in a line, followed by its findings. */
function tell({ outcomes }: GateRun): string[] {
  return outcomes.flatMap(({ check: { name }, outcome }) => {
    if (outcome.status === 'skipped') return [`${name} skipped: ${outcome.reason}`];
    if (outcome.status === 'error') return [`${name} error: ${JSON.stringify(outcome.failure)}`];
    return [`${name} done: ${outcome.inspected.files.join(', ')}`, ...outcome.findings.map(place)];
  });
}

const place = (each: Finding): string => `${each.file ?? ''}:${String(each.line)}:${String(each.column)} ${each.severity} ${each.kind ?? ''}${each.rule}`;
const notesOf = ({ plan }: GateRun): unknown => plan.cells.flatMap(({ notes }) => notes);

const RULES = 'export default [{ ignores: ["ignored/**"] }, { files: ["**/*.js"], rules: { eqeqeq: "error", "no-console": "warn" } }];\n';
const TYPED = `import tseslint from 'typescript-eslint';
export default [{
  files: ['**/*.ts'],
  plugins: { '@typescript-eslint': tseslint.plugin },
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
  rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/no-unnecessary-condition': 'error' },
}];
`;
const TSCONFIG = JSON.stringify({ compilerOptions: { strict: true, target: 'es2022', lib: ['es2022'], types: [], module: 'nodenext' }, include: ['src'] });

describe.each(['eslint9', 'eslint'])('%s', (eslint) => {
  const packages = { eslint, 'typescript-eslint': 'typescript-eslint', typescript: 'typescript' };

  test('good code passes, what the configuration ignores is not inspected', async () => {
    const run = await check({ 'eslint.config.mjs': RULES, 'a.js': 'export const a = 1 === 2;\n', 'ignored/b.js': '1 == 2;\n', 'c.md': '# c\n' }, { packages });
    expect(tell(run)).toEqual(['eslint:eslint.config.mjs done: a.js, eslint.config.mjs']);
    const outcome = run.outcomes[0]?.outcome;
    expect(outcome?.status === 'done' && [outcome.notes, outcome.inspected.rules]).toEqual([['eslint.config.mjs ignores or does not cover 2 of 4 files'], 2]);
  });

  test('findings at their places, whatever the files are called', async () => {
    const run = await check(
      {
        'eslint.config.mjs': RULES,
        '-dash.js': 'console.log(1 == 2);\n',
        'with space [id] {x}.js': '/* 😀 */ 1 == 2;\n',
        'ünï/コード.js': 'export const = 1;\n',
        'unused.js': '// eslint-disable-next-line eqeqeq\nexport {};\n',
      },
      { packages, name: 'a project' },
    );
    expect(tell(run)).toEqual([
      'eslint:eslint.config.mjs done: -dash.js, eslint.config.mjs, unused.js, with space [id] {x}.js, ünï/コード.js',
      '-dash.js:1:1 warning no-console',
      '-dash.js:1:15 error eqeqeq',
      'unused.js:1:1 warning unused-disable-directive',
      'with space [id] {x}.js:1:12 error eqeqeq',
      'ünï/コード.js:1:14 error parseparse-error',
    ]);
  });

  test('typed rules, in the lane of their project', async () => {
    const run = await check(
      { 'eslint.config.mjs': TYPED, 'tsconfig.json': TSCONFIG, 'src/a.ts': 'import { b } from "./b.js";\nb();\n', 'src/b.ts': 'export async function b(): Promise<void> { await Promise.resolve(); }\n' },
      { packages },
    );
    expect(tell(run)).toEqual([
      'eslint:eslint.config.mjs skipped: eslint.config.mjs switches on no rule',
      'eslint:eslint.config.mjs:tsconfig.json done: src/a.ts, src/b.ts',
      'src/a.ts:2:1 error @typescript-eslint/no-floating-promises',
    ]);
    expect(run.outcomes.map(({ check: { lane } }) => lane)).toEqual([undefined, 'typescript:tsconfig.json']);
  });

  test('a typed file that no tsconfig has is what typescript-eslint says it is', async () => {
    const run = await check({ 'eslint.config.mjs': TYPED, 'tsconfig.json': TSCONFIG, 'src/a.ts': 'export {};\n', 'stray.ts': 'export {};\n' }, { packages });
    expect(tell(run)).toEqual([
      'eslint:eslint.config.mjs done: eslint.config.mjs, stray.ts',
      'stray.ts:null:null error parseparse-error',
      'eslint:eslint.config.mjs:tsconfig.json done: src/a.ts',
    ]);
  });

  test('a configuration that throws is an error that names it', async () => {
    const run = await check({ 'eslint.config.mjs': 'throw new Error("no such preset\\nsecond line");\n', 'a.js': '' }, { packages });
    expect(tell(run)).toEqual(['eslint:eslint.config.mjs error: {"reason":"project-config","file":"eslint.config.mjs","detail":"no such preset"}']);
  });

  const CRASHING = 'const bad = { create: () => ({ Identifier({ name }) { if (name === "odd") throw new Error("out of order"); } }) };\nexport default [{ files: ["**/*.js"], plugins: { p: { rules: { bad } } }, rules: { "p/bad": "error", "no-var": "error" } }];\n';

  test('a rule that throws in one file takes no other file with it', async () => {
    const files = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`f${String(index).padStart(2, '0')}.js`, 'var a = 1;\n']));
    const run = await check({ 'eslint.config.mjs': CRASHING, ...files, 'f05.js': 'var b;\nvar odd;\n' }, { packages });
    const others = Object.keys(files).filter((file) => file !== 'f05.js');
    expect(tell(run)).toEqual([
      `eslint:eslint.config.mjs done: eslint.config.mjs, ${others.join(', ')}`,
      ...others.slice(0, 5).map((file) => `${file}:1:1 error no-var`),
      'f05.js:2:null error crashp/bad',
      ...others.slice(5).map((file) => `${file}:1:1 error no-var`),
    ]);
    const outcome = run.outcomes[0]?.outcome;
    expect(outcome?.status === 'done' && outcome.findings.find(({ kind }) => kind === 'crash')?.message).toBe('rule p/bad broke off: out of order');
  });

  test('a rule that throws in every file is an error that says where', async () => {
    const run = await check({ 'eslint.config.mjs': CRASHING.replace('[{', '[{ ignores: ["eslint.config.mjs"] }, {'), 'a.js': 'var odd;\n' }, { packages });
    const outcome = run.outcomes[0]?.outcome;
    const failure = outcome?.status === 'error' ? outcome.failure : null;
    expect(failure?.reason === 'project-config' && failure.detail.replace(/linting .*a\.js/, 'linting a.js')).toBe('out of order; Occurred while linting a.js:1; Rule: "p/bad"');
  });

  test('accepted old findings stay accepted', async () => {
    const files = { 'eslint.config.mjs': RULES, 'eslint-suppressions.json': '{"a.js": {"eqeqeq": {"count": 1}}}', 'a.js': '1 == 2;\n', 'b.js': '1 == 2;\n' };
    expect(tell(await check(files, { packages }))).toEqual(['eslint:eslint.config.mjs done: a.js, b.js, eslint.config.mjs', 'b.js:1:3 error eqeqeq']);
  });

  test('stops when it is told to', async () => {
    const run = await check({ 'eslint.config.mjs': RULES, 'a.js': '' }, { packages, signal: AbortSignal.abort({ reason: 'cancelled', by: 'bail' }) });
    expect(tell(run)).toEqual(['eslint:eslint.config.mjs error: {"reason":"cancelled","by":"bail"}']);
  });
});

describe('plan', () => {
  test('each file goes to the nearest configuration, run in its folder', async () => {
    const run = await check({
      'package.json': '{"workspaces": ["packages/*"]}', 'eslint.config.mjs': RULES, 'a.js': '1 == 2;\n',
      'packages/one/package.json': '{}', 'packages/one/b.js': '1 == 2;\n',
      'packages/one/eslint.config.mjs': 'export default [{ rules: { "no-unused-expressions": process.cwd().endsWith("one") ? "error" : "off" } }];\n',
    });
    expect(tell(run)).toEqual([
      'eslint:eslint.config.mjs done: a.js, eslint.config.mjs',
      'a.js:1:3 error eqeqeq',
      'eslint:packages/one/eslint.config.mjs done: packages/one/b.js, packages/one/eslint.config.mjs',
      'packages/one/b.js:1:1 error no-unused-expressions',
    ]);
  });

  const FOLDERS = {
    'package.json': '{"devDependencies":{"eslint":"*"}}', 'bare.js': '', 'test/fixtures/x/eslint.config.mjs': 'throw new Error();',
    'client/eslint.config.mjs': 'export default [{ ignores: ["out/"] }, { rules: { "no-var": "error" } }];\n', 'client/a.js': 'var a;\n',
    'client/out/eslint.config.mjs': 'export default [];\n', 'client/out/b.js': 'var b;\n',
    'client/in/eslint.config.mjs': 'export default [{ rules: { "no-var": "warn" } }];\n', 'client/in/c.js': 'var c;\n',
    'server/eslint.config.mjs': 'export default [{ rules: { "no-var": "error" } }];\n', 'server/d.js': 'var d;\n',
  };
  const BARE = [{ status: 'skipped', reason: '2 files under no linter configuration: bare.js, test/fixtures/x/eslint.config.mjs', teams: ['workspace'] }];

  test('ESLint 10 takes the configuration nearest to a file, in whatever folder, but none in one that is ignored', async () => {
    const run = await check(FOLDERS);
    expect(tell(run)).toEqual([
      'eslint:client/eslint.config.mjs done: client/a.js, client/eslint.config.mjs',
      'client/a.js:1:1 error no-var',
      'eslint:client/in/eslint.config.mjs done: client/in/c.js, client/in/eslint.config.mjs',
      'client/in/c.js:1:1 warning no-var',
      'eslint:client/out/eslint.config.mjs skipped: client/eslint.config.mjs ignores client/out',
      'eslint:server/eslint.config.mjs done: server/d.js, server/eslint.config.mjs',
      'server/d.js:1:1 error no-var',
    ]);
    expect(notesOf(run)).toEqual(BARE);
  });

  test('ESLint 9 takes the one of the folder that it is run in', async () => {
    const run = await check(FOLDERS, { packages: { eslint: 'eslint9' } });
    expect(tell(run)).toEqual([
      'eslint:client/eslint.config.mjs done: client/a.js, client/eslint.config.mjs, client/in/c.js, client/in/eslint.config.mjs',
      'client/a.js:1:1 error no-var',
      'client/in/c.js:1:1 error no-var',
      'eslint:server/eslint.config.mjs done: server/d.js, server/eslint.config.mjs',
      'server/d.js:1:1 error no-var',
    ]);
    expect(notesOf(run)).toEqual(BARE);
  });

  test('a configuration without ESLint is an error that says how to install it', async () => {
    const run = await check({ 'eslint.config.mjs': RULES, 'a.js': '', 'package.json': '{}', 'yarn.lock': '' }, { packages: {} });
    expect([tell(run), notesOf(run)]).toEqual([[], [{ status: 'error', reason: 'eslint.config.mjs needs eslint, which is not installed: run yarn add --dev eslint', teams: ['workspace'] }]]);
  });

  test('the old kind of configuration runs under ESLint 9, and is refused by 10', async () => {
    const files = { '.eslintrc.json': '{"root": true, "rules": {"eqeqeq": "error"}, "parserOptions": {"ecmaVersion": 2022}}', 'a.js': 'if (1 == 2) a();\n', 'b.css': 'a {}\n' };
    expect(tell(await check(files, { packages: { eslint: 'eslint9' } }))).toEqual(['eslint:.eslintrc.json done: a.js', 'a.js:1:7 error eqeqeq']);
    expect(tell(await check(files))[0]).toMatch(/^eslint:\.eslintrc\.json error: .*ESLint 10\.\d+\.\d+ no longer reads it: migrate to eslint\.config\.js/);
  });

  test('the configuration names the file', async () => {
    const files = { 'conf/lint.mjs': RULES, 'a.js': '1 == 2;\n', 'package.json': '{}' };
    expect(tell(await check(files, { config: { gates: { lint_enforcement: { configFile: './conf/lint.mjs' } } } }))).toEqual([
      'eslint:conf/lint.mjs done: a.js, conf/lint.mjs',
      'a.js:1:3 error eqeqeq',
    ]);
  });

  test('no configuration: the bundled one, blind to plugins that it has not', async () => {
    const run = await check(
      {
        'a.ts': '/* eslint-disable no-such/rule */\nexport const a: any = window.document;\n// eslint-disable-next-line other/rule\ndebugger;\n',
        'b.jsx': 'export const b = () => <p>{alert(1)}</p>;\n',
        'c.cjs': 'require("fs");\n',
        'd.d.ts': 'declare const d: any;\n',
      },
      { packages: {} },
    );
    expect(tell(run)).toEqual(['eslint:bundled done: a.ts, b.jsx, c.cjs', 'a.ts:2:17 error @typescript-eslint/no-explicit-any', 'a.ts:4:1 error no-debugger']);
    expect(run.outcomes[0]?.check.engineOrigin).toBe('bundled');
  });

  test('nothing to lint is nothing to do', async () => {
    const run = await check({ 'a.md': '' }, { packages: {} });
    expect([tell(run), notesOf(run)]).toEqual([[], [{ status: 'skipped', reason: 'no JavaScript or TypeScript file' }]]);
    expect(tell(await check({ 'eslint.config.mjs': 'export default [{ ignores: ["**/*"] }];\n', 'a.js': '' }))).toEqual(['eslint:eslint.config.mjs skipped: eslint.config.mjs covers none of 2 files']);
  });
});

describe('other linters', () => {
  const SOURCES = {
    'a.js': 'export const a = (x) => x == 2;\n', '-dash.ts': 'debugger;\n', 'with space.ts': 'export const s = 1;\n',
    'ignored/b.js': 'debugger;\n', 'broken.ts': 'export const = 1;\n', 'c.md': '',
  };

  test('Biome', async () => {
    const run = await check(
      { ...SOURCES, 'biome.json': '{"files": {"includes": ["**", "!ignored"]}, "linter": {"rules": {"suspicious": {"noDebugger": "warn", "noDoubleEquals": "error"}}}}' },
      { packages: { '@biomejs/biome': '@biomejs/biome' } },
    );
    expect(tell(run)).toEqual([
      'biome:biome.json done: -dash.ts, a.js, biome.json, broken.ts, with space.ts',
      '-dash.ts:1:1 warning lint/suspicious/noDebugger',
      'a.js:1:27 error lint/suspicious/noDoubleEquals',
      'broken.ts:1:14 error parseparse-error',
      'broken.ts:1:17 error parseparse-error',
    ]);
  });

  test('oxlint', async () => {
    const run = await check({ ...SOURCES, '.oxlintrc.json': '{"ignorePatterns": ["ignored/**"], "rules": {"eqeqeq": "error", "no-debugger": "warn"}}' }, { packages: { oxlint: 'oxlint' } });
    expect(tell(run)).toEqual([
      'oxlint:.oxlintrc.json done: -dash.ts, a.js, broken.ts, with space.ts',
      '-dash.ts:1:1 warning eslint(no-debugger)',
      'a.js:1:27 error eslint(eqeqeq)',
      'broken.ts:1:14 error parseparse-error',
    ]);
  });

  test('good code passes', async () => {
    const good = { 'a.js': 'export const a = 1;\n' };
    expect(tell(await check({ ...good, 'biome.json': '{}' }, { packages: { '@biomejs/biome': '@biomejs/biome' } }))).toEqual(['biome:biome.json done: a.js, biome.json']);
    expect(tell(await check({ ...good, '.oxlintrc.json': '{}' }, { packages: { oxlint: 'oxlint' } }))).toEqual(['oxlint:.oxlintrc.json done: a.js']);
  });

  test('a wrong configuration is an error', async () => {
    expect(tell(await check({ 'a.js': '', 'biome.json': '{"linter": {"enbled": true}}' }, { packages: { '@biomejs/biome': '@biomejs/biome' } }))).toEqual([
      'biome:biome.json error: {"reason":"project-config","file":"biome.json","detail":"Found an unknown key `enbled`."}',
    ]);
    expect(tell(await check({ 'a.js': '', '.oxlintrc.json': '{"rulez": 1}' }, { packages: { oxlint: 'oxlint' } }))[0]).toMatch(/^oxlint:\.oxlintrc\.json error: .*unknown field `rulez`/);
  });

  test('a linter that lints nothing is skipped', async () => {
    expect(tell(await check({ 'a.js': 'debugger;\n', 'biome.json': '{"linter": {"enabled": false}}' }, { packages: { '@biomejs/biome': '@biomejs/biome' } }))).toEqual([
      'biome:biome.json skipped: biome.json has biome lint none of 2 files',
    ]);
  });

  test('stops when it is told to', async () => {
    const run = await check({ 'a.js': '', 'biome.json': '{}' }, { packages: { '@biomejs/biome': '@biomejs/biome' }, signal: AbortSignal.abort({ reason: 'cancelled', by: 'user' }) });
    expect(tell(run)).toEqual(['biome:biome.json error: {"reason":"cancelled","by":"user"}']);
  });
});

test('the allowance counts a team\'s warnings', () => {
  const warning: Finding = { gate: 'lint_enforcement', rule: 'no-console', message: '', file: 'a.js', line: 1, column: 1, severity: 'warning' };
  const measurement = { team: 'api', files: ['a.js'], findings: [warning, warning, { ...warning, severity: 'error' as const }], tests: [], coverage: {}, measured: true };
  const assess = (maxWarnings: number): string[] =>
    (lintEnforcement.assess?.(measurement, resolveSettings({ gates: { lint_enforcement: { maxWarnings } } }).gates.lint_enforcement) ?? []).map((each) => `${each.rule} ${each.message}`);
  expect([assess(-1), assess(2), assess(1), assess(0)]).toEqual([[], [], ['max-warnings 2 warnings, at most 1 allowed'], ['max-warnings 2 warnings, at most 0 allowed']]);
});
