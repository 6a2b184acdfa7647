import { lutimes, mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { makeTempFolder, removeAbandonedFolders, removeTempFolder } from '../../src/system/temp-folder.ts';

const DAY_MS = 24 * 3_600_000;
let place: string | null = null;
afterEach(async () => { if (place !== null) await removeTempFolder(place); });

test('removes what killed processes left a week ago, and nothing else', async () => {
  place = await makeTempFolder();
  const left = await makeTempFolder(place);
  const recent = await makeTempFolder(place);
  await writeFile(path.join(left, 'coverage.json'), '{}');
  const others = ['spark-gates-config', 'spark-gates-0123456789abcdef', 'mine'];
  for (const name of others) await mkdir(path.join(place, name));
  await writeFile(path.join(place, 'spark-gates-temp-aFile1'), '');
  await symlink(recent, path.join(place, 'spark-gates-temp-aLink1'));
  const nowMs = Date.now();
  for (const name of await readdir(place)) await lutimes(path.join(place, name), 0, (nowMs - (name === path.basename(recent) ? 6 : 8) * DAY_MS) / 1_000);

  await removeAbandonedFolders(nowMs, place);

  expect((await readdir(place)).toSorted()).toEqual([path.basename(recent), 'spark-gates-temp-aFile1', 'spark-gates-temp-aLink1', ...others].toSorted());
});

test('is content where there is no such place', async () => {
  await expect(removeAbandonedFolders(Date.now(), '/nowhere/at/all')).resolves.toBeUndefined();
});
