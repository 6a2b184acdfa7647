import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { readBudget } from '../../src/locks/budget-table.ts';
import { runCli } from '../rig/cli.ts';
import { SHARED } from '../rig/environment.ts';
import { NOTHING, watchLeftovers } from '../rig/leftovers.ts';
import { rounds } from '../rig/rounds.ts';
import { seededRandom } from '../rig/seeded-random.ts';
import { makeShop } from '../rig/shop.ts';

const INTERRUPTS = rounds(4, 10);
const SEED = Number(process.env.SPARK_GATES_TEST_SEED ?? 20_261_123);

test('Ctrl-C at random moments of a run leaves nothing behind', { timeout: 300_000 }, async () => {
  await using shop = await makeShop();
  const leftovers = await watchLeftovers(shop);
  const before = await shop.git('status', '--porcelain');
  const startedMs = performance.now();
  expect((await runCli(['run', '--no-cache', '--reporter', 'ndjson'], { cwd: shop.root, environment: leftovers.environment })).exitCode).toBe(0);
  let wholeMs = performance.now() - startedMs;
  const random = seededRandom(SEED);
  for (let round = 0; round < INTERRUPTS; round += 1) {
    // Not in the first moments, when no program of ours is there to be asked, nor in the last, when all is done.
    const afterMs = Math.round(wholeMs * (0.12 + 0.6 * random()));
    const where = `seed ${String(SEED)}, round ${String(round)}, after ${String(afterMs)} of ${String(Math.round(wholeMs))} ms`;
    let timer: NodeJS.Timeout | undefined;
    let isSent = false as boolean;
    const begunMs = performance.now();
    const { exitCode, stdout } = await runCli(['run', '--no-cache', '--reporter', 'ndjson'], {
      cwd: shop.root,
      environment: { ...leftovers.environment, ...SHARED },
      onStart: (child) => { timer = setTimeout(() => { isSent = child.kill('SIGINT'); }, afterMs); },
    });
    clearTimeout(timer);
    // The machine has less to do than when the whole was timed: nothing was interrupted, so this is no round.
    if (!isSent) {
      wholeMs = Math.min(wholeMs * 0.9, performance.now() - begunMs);
      round -= 1;
      continue;
    }
    const lines = stdout.split('\n').filter((line) => line !== '');
    expect({ where, exitCode, whole: lines.every(isJson), left: await leftovers.find() }).toEqual({ where, exitCode: 130, whole: true, left: NOTHING });
    expect({ where, status: await shop.git('status', '--porcelain') }).toEqual({ where, status: before });
    expect({ where, held: await heldIn(leftovers.environment.XDG_CACHE_HOME) }).toEqual({ where, held: [] });
    expect({ where, broken: await brokenJson(leftovers.environment.XDG_CACHE_HOME) }).toEqual({ where, broken: [] });
  }
});

/** Rows of the budget that the run took part in. */
async function heldIn(folder: string): Promise<unknown[]> {
  const budget = path.join(folder, 'spark-gates', 'budget');
  const files = (await readdir(budget).catch(() => [])).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(files.map((name) => readFile(path.join(budget, name), 'utf8')));
  return texts.flatMap((text) => [...readBudget(text).rows]);
}

/** Files below a folder that are no JSON, temporary ones among them. */
async function brokenJson(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath, entry.name));
  expect(files.length).toBeGreaterThan(0);
  const texts = await Promise.all(files.map(async (file) => ({ file, text: await readFile(file, 'utf8') })));
  return texts.filter(({ file, text }) => !file.endsWith('.json') || !isJson(text)).map(({ file }) => file);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}
