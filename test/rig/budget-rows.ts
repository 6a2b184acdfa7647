import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import { readBudget, type BudgetRow } from '../../src/locks/budget-table.ts';

/** What the one budget in a cache folder (`XDG_CACHE_HOME`) says. */
export async function budgetRowsIn(cache: string): Promise<readonly BudgetRow[]> {
  const folder = path.join(cache, 'spark-gates', 'budget');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  expect(names.length).toBe(1);
  return readBudget(await readFile(path.join(folder, names[0] ?? ''), 'utf8')).rows;
}
