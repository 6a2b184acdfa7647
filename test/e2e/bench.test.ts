import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { benchDocumentSchema, type BenchDocument } from '../../bench/suite/document.ts';
import { BENCH_VARIABLE } from '../../bench/suite/measure/process-table.ts';
import { runCli } from '../rig/cli.ts';
import { watchLeftovers } from '../rig/leftovers.ts';
import { makeShop } from '../rig/shop.ts';

/** Something for every tool that can be had without a network: a wrong type, a lint error, a dangerous call, a failing test. */
const FAULTS = {
  'billing/src/wrong.ts': "export const wrong: number = 'no number';\n",
  'catalog/src/old.ts': 'export var old = 1;\n',
  'checkout/src/late.ts': "/** Too late. */\nexport function late(): void {\n  setTimeout('alert(1)' as never, 1);\n}\n",
  'search/src/broken.test.ts': "import { expect, test } from 'vitest';\n\ntest('it adds up', () => {\n  expect(1 + 1).toBe(3);\n});\n",
};

function rowsOf(document: BenchDocument): Record<string, string> {
  return Object.fromEntries(document.corpora.flatMap(({ rows }) => rows.map(({ id, missing, hash, wallMs }) => [id, missing ?? `${hash ?? 'no hash'}, ${wallMs?.runs ?? 0} runs`])));
}

async function benchProcesses(): Promise<number> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const environments = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')));
  return environments.filter((text) => text.split('\0').some((word) => word.startsWith(`${BENCH_VARIABLE}=`))).length;
}

test('a shop with faults is measured: tools and gates find the same, what cannot be had here costs its row, and nothing of it is left', { timeout: 600_000 }, async () => {
  await using shop = await makeShop();
  await shop.write(FAULTS);
  const before = await shop.git('status', '--porcelain');
  const leftovers = await watchLeftovers(shop);
  const output = path.join(path.dirname(shop.root), 'output');
  const { exitCode, stdout, stderr } = await runCli(['bench', '--runs', '1', '--teams', '2', '--only', 'naive', 'tuned', 'apart', 'shared', '--output', output], { cwd: shop.root, environment: leftovers.environment });
  expect({ exitCode, stderr: stderr.split('\n').filter((line) => !line.startsWith('bench: ')) }).toEqual({ exitCode: 0, stderr: [''] });

  const document = benchDocumentSchema.parse(JSON.parse(await readFile(path.join(output, 'bench.json'), 'utf8')));
  const [corpus] = document.corpora;
  const hash = corpus?.rows.find(({ id }) => id === 'naive/2')?.hash ?? '';
  const { 'tuned/concurrently': concurrently = '', 'tuned/lefthook': lefthook, 'tuned/turbo': turbo, ...rest } = rowsOf(document);
  expect(rest).toEqual({ 'naive/2': `${hash}, 1 runs`, 'apart/2': `${hash}, 1 runs`, 'shared/2': `${hash}, 1 runs`, 'shared-one-job': `${hash}, 1 runs`, 'shared-two-worktrees': `${hash}, 1 runs` });
  expect(hash).toMatch(/^[0-9a-f]{12}$/);
  expect(concurrently).toMatch(/^npm cannot install what is needed into .+; connect to its registry and try again \(.+\)$/);
  expect([lefthook, turbo]).toEqual([concurrently, concurrently]);
  expect({ findings: corpus?.findings, gates: corpus?.gates.length, first: corpus?.notes[0] }).toEqual({ findings: 4, gates: 8, first: 'secretlint is not part of the baseline: it is not to be had here' });
  expect(corpus?.bounds.ours?.boundMs).toBeGreaterThan(0);
  expect(corpus?.emptyProcessMs?.runs).toBe(5);

  expect((await readdir(output)).sort()).toEqual(['bench.json', 'bench.md', 'bench.svg']);
  expect(await readFile(path.join(output, 'bench.md'), 'utf8')).toBe(stdout);
  expect({ files: (await leftovers.find()).files, status: await shop.git('status', '--porcelain'), processes: await benchProcesses() }).toEqual({ files: [], status: before, processes: 0 });

  const { exitCode: same, stderr: why } = await runCli(['bench', '--runs', '1', '--teams', '2', '--only', 'shared', '--gate', 'syntax_validation', '--compare', path.join(output, 'bench.json')], { cwd: shop.root, environment: leftovers.environment });
  expect(same).toBe(2);
  expect(why.trimEnd().split('\n').at(-1)).toBe(`spark-gates: nothing is measured both now and in ${path.join(output, 'bench.json')}; measure the same corpora, teams and modes`);
});

test('Ctrl-C ends a benchmark and leaves nothing', { timeout: 300_000 }, async () => {
  await using shop = await makeShop();
  const leftovers = await watchLeftovers(shop);
  let told = '';
  const { exitCode } = await runCli(['bench', '--runs', '3', '--teams', '2', '--only', 'naive', 'shared'], {
    cwd: shop.root,
    environment: leftovers.environment,
    onStart: (child) => {
      child.stderr?.on('data', (chunk: Buffer) => {
        told += chunk.toString();
        if (told.includes('the reference')) child.kill('SIGINT');
      });
    },
  });
  expect({ exitCode, files: (await leftovers.find()).files, processes: await benchProcesses() }).toEqual({ exitCode: 130, files: [], processes: 0 });
});

test('what is asked for wrongly is said in a sentence, before anything is measured', { timeout: 120_000 }, async () => {
  await using shop = await makeShop();
  const ask = async (...args: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await runCli(['bench', ...args], { cwd: shop.root, environment: { XDG_CACHE_HOME: path.join(shop.root, '..', 'cache') } });
    return `${exitCode} ${stdout}${stderr}`;
  };
  expect([await ask('--corpus', 'leftpad'), await ask('--compare', 'none.json'), await ask('--compare', 'package.json'), await ask('--teams', '0')]).toEqual([
    '2 spark-gates: there is no corpus "leftpad"; the corpora are zod, zod-ts7, rxjs, redux-toolkit, query-core\n',
    '2 spark-gates: none.json, named by --compare, is not there; store a result with --output first\n',
    '2 spark-gates: package.json, named by --compare, is no stored benchmark of this version; store a new one with --output\n',
    "2 spark-gates: option '--teams <n,n>' argument '0' is invalid. It must be whole numbers from 1 to 16, with commas between them.\n",
  ]);
});
