import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { benchDocumentSchema } from '../../bench/suite/document.ts';
import { BENCH_VARIABLE } from '../../bench/suite/measure/process-table.ts';
import { runCli } from '../rig/cli.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { makeProject } from '../rig/project.ts';
import { makeShop } from '../rig/shop.ts';

/** One wrong line, so that there is something to be found by all. */
async function makeBrokenShop() {
  const shop = await makeShop();
  await shop.write({ 'billing/src/total.ts': '/** What is wrong here. */\nexport const total: number = \'none\';\n' });
  await shop.git('commit', '--all', '--quiet', '--message', 'Break a type');
  return shop;
}

/** Something for every tool that can be had without a network: a wrong type, a lint error, a dangerous call, a failing test. */
const FAULTS = {
  'billing/src/wrong.ts': "export const wrong: number = 'no number';\n",
  'catalog/src/old.ts': 'export var old = 1;\n',
  'checkout/src/late.ts': "/** Too late. */\nexport function late(): void {\n  setTimeout('alert(1)' as never, 1);\n}\n",
  'search/src/broken.test.ts': "import { expect, test } from 'vitest';\n\ntest('it adds up', () => {\n  expect(1 + 1).toBe(3);\n});\n",
};

async function benchProcesses(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')));
  return environments.filter((text) => text.split('\0').some((word) => word.startsWith(`${BENCH_VARIABLE}=`))).length;
}

test('all modes measure a repository from the built command, agree on what is wrong, and leave nothing', { timeout: 900_000 }, async () => {
  await using shop = await makeBrokenShop();
  const leftovers = await watchLeftovers(shop);
  const output = path.join(path.dirname(shop.root), 'bench');
  const result = await runCli(['bench', '--runs', '1', '--teams', '2', '--gate', 'type_verification', '--output', output, '--json'], { cwd: shop.root, environment: leftovers.environment });
  expect({ exitCode: result.exitCode, stderr: result.exitCode === 0 ? '' : result.stderr }).toEqual({ exitCode: 0, stderr: '' });
  const document = benchDocumentSchema.parse(JSON.parse(result.stdout));
  const [corpus] = document.corpora;
  // npm is offline here: a task runner that cannot be had is said to be missing.
  const missing = corpus?.rows.map(({ id, missing: why }) => [id, why === null ? 'measured' : why.startsWith('npm cannot install') ? 'npm' : why]);
  expect(Object.fromEntries(missing ?? [])).toEqual({
    'naive/2': 'measured', 'tuned/concurrently': 'npm', 'tuned/lefthook': 'npm', 'tuned/turbo': 'npm', 'apart/2': 'measured', 'shared/2': 'measured',
    'shared-one-job': 'measured', 'shared-two-worktrees': 'measured', 'warm/2': 'measured', 'cached/2': 'measured', 'cached-daemon/2': 'measured',
  });
  const hashes = new Set(corpus?.rows.map(({ hash }) => hash).filter((hash) => hash !== null));
  expect({ hashes: hashes.size, findings: corpus?.findings }).toEqual({ hashes: 1, findings: 1 + 2 });
  expect(corpus?.rows.find(({ id }) => id === 'shared-two-worktrees')?.ofAlone?.runs).toBe(1);
  expect(corpus?.bounds.ours?.boundMs).toBeGreaterThan(0);
  expect((await readdir(output)).sort()).toEqual(['bench.json', 'bench.md', 'bench.svg']);
  expect(JSON.parse(await readFile(path.join(output, 'bench.json'), 'utf8'))).toEqual(document);
  expect(await leftovers.find()).toEqual(NOTHING);
  expect(await shop.git('status', '--porcelain')).toBe('');
});

test('tools and gates find the same faults of all kinds', { timeout: 600_000 }, async () => {
  await using shop = await makeShop();
  await shop.write(FAULTS);
  const before = await shop.git('status', '--porcelain');
  const leftovers = await watchLeftovers(shop);
  const output = path.join(path.dirname(shop.root), 'output');
  const { exitCode, stdout, stderr } = await runCli(['bench', '--runs', '1', '--teams', '2', '--only', 'naive', 'apart', '--output', output], { cwd: shop.root, environment: leftovers.environment });
  expect({ exitCode, stderr: stderr.split('\n').filter((line) => !line.startsWith('bench: ')) }).toEqual({ exitCode: 0, stderr: [''] });

  const document = benchDocumentSchema.parse(JSON.parse(await readFile(path.join(output, 'bench.json'), 'utf8')));
  const [corpus] = document.corpora;
  const hash = corpus?.rows[0]?.hash ?? '';
  expect(corpus?.rows.map((row) => [row.id, row.missing, row.hash, row.wallMs?.runs])).toEqual(['naive/2', 'apart/2'].map((id) => [id, null, hash, 1]));
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
  expect({ findings: corpus?.findings, gates: corpus?.gates.length, first: corpus?.notes[0] }).toEqual({ findings: 4, gates: 8, first: 'secretlint is not part of the baseline: it is not to be had here' });
  expect(corpus?.emptyProcessMs?.runs).toBe(2);

  expect(await readFile(path.join(output, 'bench.md'), 'utf8')).toBe(stdout);
  expect({ files: (await leftovers.find()).files, status: await shop.git('status', '--porcelain'), processes: await benchProcesses() }).toEqual({ files: [], status: before, processes: 0 });

  const { exitCode: same, stderr: why } = await runCli(['bench', '--runs', '1', '--teams', '2', '--only', 'shared', '--gate', 'syntax_validation', '--compare', path.join(output, 'bench.json')], { cwd: shop.root, environment: leftovers.environment });
  expect(same).toBe(2);
  expect(why.trimEnd().split('\n').at(-1)).toBe(`spark-gates: nothing is measured both now and in ${path.join(output, 'bench.json')}; measure the same corpora, teams and modes`);
});

test('a benchmark that is interrupted leaves its figures so far, and nothing else', { timeout: 900_000 }, async () => {
  await using shop = await makeBrokenShop();
  const leftovers = await watchLeftovers(shop);
  const output = path.join(path.dirname(shop.root), 'bench');
  const result = await runCli(['bench', '--runs', '100', '--teams', '1', '--gate', 'type_verification', '--only', 'naive', 'shared', '--output', output], {
    cwd: shop.root,
    environment: leftovers.environment,
    onStart: (child) => {
      child.stderr?.on('data', (text: string) => { if (text.includes('round 1 of 100, ours')) child.kill('SIGINT'); });
    },
  });
  expect({ exitCode: result.exitCode, stdout: result.stdout }).toEqual({ exitCode: 130, stdout: '' });
  const { corpora: [corpus] } = benchDocumentSchema.parse(JSON.parse(await readFile(path.join(output, 'bench.json'), 'utf8')));
  expect(corpus?.rows.find(({ id }) => id === 'naive/1')?.wallMs?.runs).toBe(1);
  expect({ ...(await leftovers.find()), processes: await benchProcesses() }).toEqual({ ...NOTHING, processes: 0 });
});

test.for([
  [['--corpus', 'foo'], 'there is no corpus "foo"; the corpora are zod, zod-ts7, rxjs, redux-toolkit, query-core'],
  [['--compare', 'gone.json'], 'gone.json, named by --compare, is not there; store a result with --output first'],
  [['--compare', 'package.json'], 'package.json, named by --compare, is no stored benchmark of this version; store a new one with --output'],
  [['--compare', 'billing'], 'billing, named by --compare, is a folder; name the bench.json in it'],
  [['--output', ''], "option '--output <dir>' argument '' is invalid. It must name a folder; \".\" is this one."],
  [['--teams', '0'], "option '--teams <n,n>' argument '0' is invalid. It must be whole numbers from 1 to 16, with commas between them."],
] as const)('what cannot be done is said in a sentence: %j', async ([args, sentence]) => {
  await using shop = await makeShop();
  const { environment } = await watchLeftovers(shop);
  expect(await runCli(['bench', ...args], { cwd: shop.root, environment })).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${sentence}\n` });
});

test('a folder that cannot be written to is told before anything is measured', async () => {
  await using shop = await makeShop();
  const { environment } = await watchLeftovers(shop);
  const sentence = `spark-gates: ${path.join(shop.root, 'package.json')} cannot be written to (EEXIST: file already exists): name another folder with --output\n`;
  expect(await runCli(['bench', '--output', 'package.json'], { cwd: shop.root, environment })).toEqual({ exitCode: 2, stdout: '', stderr: sentence });
});

test('a benchmark that measures nothing could not', { timeout: 60_000 }, async () => {
  await using project = await makeProject({ 'a.json': '{}\n' }, { git: true });
  const { environment } = await watchLeftovers(project);
  const { exitCode, stderr } = await runCli(['bench', '--gate', 'syntax_validation'], { cwd: project.root, environment });
  expect(exitCode).toBe(2);
  expect(stderr.trimEnd().split('\n').at(-1)).toBe('spark-gates: nothing was measured: there is no tool to compare with: no tsconfig.json, no ESLint configuration, no tests');
});
