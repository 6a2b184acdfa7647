import { expect, test } from 'vitest';
import type { UserConfig } from '../../src/model/config.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { runReport, statusesOf } from '../rig/cli.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { makeProject, type Project } from '../rig/project.ts';
import { makeShop, SHOP_TEAMS } from '../rig/shop.ts';

const TEAMS = { api: 'api', web: 'web' };
/** Gates that share the worker, the program or the machine with the one that breaks. */
const BESIDE = 'syntax_validation,type_verification,lint_enforcement,documentation_check';

interface Trouble {
  readonly eslintConfig: string;
  readonly says: string;
  readonly timeLimitMs?: number;
}

const LINT_TROUBLE: Readonly<Record<string, Trouble>> = {
  throws: { eslintConfig: "throw new Error('no luck');\n", says: 'eslint.config.js: no luck' },
  'calls process.exit': { eslintConfig: 'process.exit(0);\n', says: 'the thread it ran in died: something in it called process.exit(0); look in the configuration and the plugins' },
  'loops without end': { eslintConfig: 'for (;;);\n', timeLimitMs: 3_000, says: 'stopped after its time limit of 3 s; raise timeLimitMs of this gate if it needs longer' },
};

test.each(Object.entries(LINT_TROUBLE))('an ESLint configuration that %s costs the lint gate alone', async (_name, { eslintConfig, says, timeLimitMs }) => {
  await using shop = await makeShop();
  const gates: UserConfig['gates'] = { lint_enforcement: timeLimitMs === undefined ? {} : { timeLimitMs } };
  await shop.write({ 'eslint.config.js': `${eslintConfig}export default [];\n`, 'spark-gates.config.json': JSON.stringify({ teams: Object.fromEntries(SHOP_TEAMS.map((team) => [team, team])), gates }) });
  const leftovers = await watchLeftovers(shop);
  const { report, exitCode } = await runReport(['--gate', BESIDE], { cwd: shop.root, environment: leftovers.environment });
  expect(exitCode).toBe(1);
  for (const team of SHOP_TEAMS) {
    expect({ team, ...statusesOf(report, team) }).toEqual({ team, syntax_validation: 'passed', type_verification: 'passed', lint_enforcement: 'error', documentation_check: 'passed' });
    expect(report.teams[team]?.gates.lint_enforcement?.reason).toBe(says);
  }
  expect(await leftovers.find()).toEqual(NOTHING);
});

/** Two teams whose tests `node --test` runs; the api's does what is under test. */
function nodeTests(apiTest: string, more: Readonly<Record<string, string>> = {}, gates: UserConfig['gates'] = {}): Promise<Project> {
  return makeProject({
    'package.json': JSON.stringify({ private: true, scripts: { test: 'node --test' } }),
    'README.md': '# Two teams\n',
    'api/a.js': 'exports.a = 1;\n',
    'api/a.test.js': `const test = require('node:test');\nconst { a } = require('./a.js');\n${apiTest}`,
    'web/b.js': 'exports.b = 2;\n',
    'web/b.test.js': "const test = require('node:test');\nconst { b } = require('./b.js');\ntest('b', () => { if (b !== 2) throw new Error('no'); });\n",
    'spark-gates.config.json': JSON.stringify({ teams: TEAMS, gates }),
    ...more,
  });
}

interface Tests {
  readonly exitCode: number | null;
  readonly api: Verdict | undefined;
  readonly web: Verdict | undefined;
}

/** Runs the tests beside the syntax gate, which must not notice; nothing may be left. */
async function runTests(project: Project): Promise<Tests> {
  const leftovers = await watchLeftovers(project);
  const { report, exitCode } = await runReport(['--gate', 'syntax_validation,test_coverage'], { cwd: project.root, environment: leftovers.environment });
  expect([report.teams.api, report.teams.web].map((team) => team?.gates.syntax_validation?.status)).toEqual(['passed', 'passed']);
  expect(await leftovers.find()).toEqual(NOTHING);
  return { exitCode, api: report.teams.api?.gates.test_coverage, web: report.teams.web?.gates.test_coverage };
}

const shown = (verdict: Verdict | undefined): unknown => ({ status: verdict?.status, reason: verdict?.reason, findings: verdict?.findings.map(({ file, message }) => `${file ?? ''}: ${message.split('\n')[0] ?? ''}`) });

test('a test run that hangs, with a child of its own, is stopped at the time limit', async () => {
  await using project = await nodeTests(
    "require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });\ntest('a', () => { for (;;); });\n",
    {},
    { test_coverage: { timeLimitMs: 4_000 } },
  );
  const { exitCode, api, web } = await runTests(project);
  const stopped = { status: 'error', reason: 'stopped after its time limit of 4 s; raise timeLimitMs of this gate if it needs longer', findings: [] };
  expect({ exitCode, api: shown(api), web: shown(web) }).toEqual({ exitCode: 1, api: stopped, web: stopped });
});

test('tests that print 40 MB and leave detached children pass, and the children end with the run', async () => {
  await using project = await nodeTests(`const { spawn } = require('node:child_process');
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref();
test('a', () => { for (let i = 0; i < 40; i += 1) process.stdout.write('x'.repeat(2 ** 20) + '\\n'); if (a !== 1) throw new Error('no'); });
`);
  const { exitCode, api, web } = await runTests(project);
  const passed = { status: 'passed', reason: null, findings: [] };
  expect({ exitCode, api: shown(api), web: shown(web) }).toEqual({ exitCode: 0, api: passed, web: passed });
});

test('a test file that kills its own process fails for its team alone', async () => {
  await using project = await nodeTests("test('a', () => { process.kill(process.pid, 'SIGKILL'); });\n");
  const { exitCode, api, web } = await runTests(project);
  expect({ exitCode, api: shown(api), web: shown(web) }).toEqual({ exitCode: 1, api: { status: 'failed', reason: null, findings: ['api/a.test.js: none of its tests failed, but the file was ended by SIGKILL'] }, web: { status: 'passed', reason: null, findings: [] } });
});

test('a test file that kills its Vitest worker is never a pass of its team', async () => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ private: true, type: 'module', scripts: { test: 'vitest run' } }),
    'api/a.test.js': "import { test } from 'vitest';\ntest('a', () => { process.kill(process.pid, 'SIGKILL'); });\n",
    'web/b.test.js': "import { test } from 'vitest';\ntest('b', () => {});\n",
    'spark-gates.config.json': JSON.stringify({ teams: TEAMS }),
  }, { packages: { vitest: 'vitest' } });
  const { exitCode, api, web } = await runTests(project);
  // Vitest does not say which file its worker was at.
  const blocked = { status: 'failed', reason: "1 finding of this gate can't be laid to one team and block every team: see team workspace", findings: [] };
  expect({ exitCode, api: shown(api), web: shown(web) }).toEqual({ exitCode: 1, api: blocked, web: blocked });
});

test.each([
  ["process.kill(process.pid, 'SIGKILL')", 'it was ended by SIGKILL, as the system does when memory runs out, even alone; look for what grows without end in the code, the configuration and the plugins'],
  ['process.exit(0)', 'it broke off with exit code 0'],
])('a runner that ends itself (%s) is an error, never a pass', async (end, says) => {
  await using project = await makeProject({
    'package.json': JSON.stringify({ private: true, type: 'module', scripts: { test: 'vitest run' } }),
    'vitest.config.js': "export default { test: { globalSetup: './setup.js' } };\n",
    'setup.js': `export default function setup() { ${end}; }\n`,
    'api/a.test.js': "import { test } from 'vitest';\ntest('a', () => {});\n",
    'web/b.test.js': "import { test } from 'vitest';\ntest('b', () => {});\n",
    'spark-gates.config.json': JSON.stringify({ teams: TEAMS }),
  }, { packages: { vitest: 'vitest' } });
  const { exitCode, api, web } = await runTests(project);
  const broken = { status: 'error', reason: `vitest could not run: ${says}`, findings: [] };
  expect({ exitCode, api: shown(api), web: shown(web) }).toEqual({ exitCode: 1, api: broken, web: broken });
});
