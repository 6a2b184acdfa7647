import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { benchDocumentSchema } from '../../bench/suite/document.ts';
import { runCli } from '../rig/cli.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { makeShop } from '../rig/shop.ts';

/** One wrong line, so that there is something to be found by all. */
async function makeBrokenShop() {
  const shop = await makeShop();
  await shop.write({ 'billing/src/total.ts': '/** What is wrong here. */\nexport const total: number = \'none\';\n' });
  await shop.git('commit', '--all', '--quiet', '--message', 'Break a type');
  return shop;
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
  expect((await readdir(output)).sort()).toEqual(['bench.json', 'bench.md', 'bench.svg']);
  expect(JSON.parse(await readFile(path.join(output, 'bench.json'), 'utf8'))).toEqual(document);
  expect(await leftovers.find()).toEqual(NOTHING);
  expect(await shop.git('status', '--porcelain')).toBe('');
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
  expect(await leftovers.find()).toEqual(NOTHING);
});

test.for([
  [['--corpus', 'foo'], 'there is no corpus "foo"; the corpora are zod, zod-ts7, rxjs, redux-toolkit, query-core'],
  [['--compare', 'gone.json'], 'gone.json, named by --compare, is not there; store a result with --output first'],
  [['--compare', 'package.json'], 'package.json, named by --compare, is no stored benchmark of this version; store a new one with --output'],
] as const)('what cannot be done is said in a sentence: %j', async ([args, sentence]) => {
  await using shop = await makeShop();
  const { environment } = await watchLeftovers(shop);
  expect(await runCli(['bench', ...args], { cwd: shop.root, environment })).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${sentence}\n` });
});
