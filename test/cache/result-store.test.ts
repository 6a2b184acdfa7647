import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { digestOf } from '../../src/cache/digest.ts';
import { pruneKept, tooMuch } from '../../src/cache/kept-files.ts';
import { ResultStore, type KeptResult } from '../../src/cache/result-store.ts';
import { CACHE_LIMITS } from '../../src/model/limits.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { bundleScript } from '../rig/bundle.ts';
import { faultyDisk } from '../rig/faulty-disk.ts';

const KEY = { fingerprint: 'ab12', check: 'types', root: '/shop' };
const KEPT: KeptResult = {
  outcome: { status: 'done', findings: [{ gate: 'type_verification', rule: 'TS2322', message: 'not so, says /shop/src/a.ts, and /shopping does not', file: 'src/a.ts', line: 1, column: 2, severity: 'error' }], inspected: { files: ['src/a.ts'], rules: 3 }, notes: ['one'] },
  durationMs: 12.5,
  untilMs: null,
};

async function makeFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'spark-gates-test-'));
  return { folder, file: path.join(folder, 'ab', 'ab12.json'), store: new ResultStore(folder, systemDisk), [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

test('what was kept is found as it was, with paths of the tree that asks', async () => {
  await using place = await makeFolder();
  expect(await place.store.get(KEY, 0)).toBe(null);
  expect(await place.store.put(KEY, KEPT)).toBe(true);
  expect(await place.store.get(KEY, 0)).toEqual(KEPT);
  expect(JSON.stringify((await place.store.get(KEY, 0))?.outcome)).toBe(JSON.stringify(KEPT.outcome));
  const elsewhere = await place.store.get({ ...KEY, root: '/home/"x"' }, 0);
  expect(elsewhere?.outcome.status === 'done' && elsewhere.outcome.findings[0]?.message).toBe('not so, says /home/"x"/src/a.ts, and /shopping does not');
  expect(await place.store.get({ ...KEY, check: 'lint' }, 0)).toBe(null);
});

test('a result with a time is believed until then, and not under a clock that was set back', async () => {
  await using place = await makeFolder();
  await place.store.put(KEY, { ...KEPT, outcome: { status: 'skipped', reason: 'no answer', validity: { kind: 'for', ms: 1_000 } }, untilMs: 10_000_000 });
  expect((await place.store.get(KEY, 9_999_999))?.durationMs).toBe(12.5);
  expect(await place.store.get(KEY, 10_000_000)).toBe(null);
  expect(await place.store.get(KEY, 10_000_000 - 1_001)).toBe(null);
});

test('a file that is cut off, changed, of another form or another result is none', async () => {
  await using place = await makeFolder();
  await place.store.put(KEY, KEPT);
  const whole = await readFile(place.file, 'utf8');
  const body = whole.slice(whole.indexOf('\n') + 1);
  const ownForm = Number(whole.split(' ')[1]);
  const sealed = (text: string, form = ownForm): string => `spark-gates ${String(form)} ${digestOf(text)}\n${text}`;
  const broken = [
    ...Array.from({ length: whole.length }, (_, length) => whole.slice(0, length)),
    whole.replace('TS2322', 'TS2323'), `${whole} `, body, '\0'.repeat(whole.length),
    sealed(body, ownForm + 1), sealed('null'), sealed('[]'), sealed('{'), sealed(body.replace('"check":"types"', '"check":"lint"')), sealed(body.replace('"fingerprint":"ab12"', '"fingerprint":"ab13"')),
    sealed(body.replace('"status":"done"', '"status":"error"')), sealed(body.replace('"line":1', '"line":"1"')), sealed(body.replace('"notes":', '"validity":{"kind":"unrepeatable","reason":"x"},"notes":')),
  ];
  for (const text of broken) {
    await writeFile(place.file, text);
    expect(await place.store.get(KEY, 0), text.slice(0, 80)).toBe(null);
  }
  await writeFile(place.file, sealed(body));
  expect(await place.store.get(KEY, 0)).toEqual(KEPT);
  await rm(place.file);
  await systemDisk.makeFolder(place.file);
  expect(await place.store.get(KEY, 0)).toBe(null);
});

test('a full disk, or one that may not be written, costs the result and leaves the old one', async () => {
  await using place = await makeFolder();
  for (const code of ['ENOSPC', 'EROFS', 'EACCES'] as const) {
    for (const name of ['create', 'write', 'close', 'rename'] as const) {
      const store = new ResultStore(place.folder, faultyDisk(systemDisk, (step) => (step.name === name ? { kind: 'error', code } : null)));
      await systemDisk.makeFolder(path.dirname(place.file));
      await expect(store.put(KEY, KEPT)).rejects.toMatchObject({ code });
      expect(await place.store.get(KEY, 0)).toBe(null);
      expect(await readdir(path.dirname(place.file))).toEqual([]);
    }
  }
});

test('killed at any step, a process leaves the whole result or none', async () => {
  const script = await bundleScript('test/cache/store-process.ts');
  const seen = new Set<boolean>();
  // create fails, makeFolder, create, write, close, rename: each before, within and after.
  for (let step = 1; step <= 18; step++) {
    await using place = await makeFolder();
    await ended(start(script, place.folder, String(step)));
    const found = await place.store.get(KEY, 0);
    seen.add(found !== null);
    expect(found?.durationMs ?? 5, `step ${String(step)}`).toBe(5);
    expect(await place.store.put(KEY, KEPT)).toBe(true);
    expect(await place.store.get(KEY, 0)).toEqual(KEPT);
  }
  expect([...seen].sort()).toEqual([false, true]);
});

test('two processes that keep the same result at once disturb no reader', async () => {
  const script = await bundleScript('test/cache/store-process.ts');
  await using place = await makeFolder();
  await ended(start(script, place.folder, '0', '1'));
  const children = [start(script, place.folder, '0', '150'), start(script, place.folder, '0', '150')];
  const both = Promise.all(children.map((child) => ended(child)));
  let reads = 0;
  for (; children.some((child) => child.exitCode === null && child.signalCode === null); reads++) expect((await place.store.get(KEY, 0))?.durationMs).toBe(5);
  await both;
  expect(reads).toBeGreaterThan(0);
  expect(await readdir(path.dirname(place.file))).toEqual(['ab12.json']);
});

test('what is too old goes first, then the least recently used beyond the bound', () => {
  const nowMs = 100 * 24 * 3_600_000;
  const file = (name: string, ageMs: number, bytes: number) => ({ kind: 'results' as const, file: name, bytes, usedMs: nowMs - ageMs });
  const half = CACHE_LIMITS.bytesMax / 2;
  const files = [file('new', 1, half), file('newer', 0, half), file('used', 1_000, half), file('old', CACHE_LIMITS.ageMsMax + 1, half), file('x.tmp', CACHE_LIMITS.temporaryMsMax + 1, 5), file('y.tmp', 1, 0)];
  expect(tooMuch(files, nowMs).map((one) => one.file)).toEqual(['old', 'x.tmp', 'used']);
});

function start(script: string, ...args: string[]) {
  return spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] });
}

async function ended(child: ReturnType<typeof start>): Promise<void> {
  await once(child, 'exit');
}

test('what checks of a tree took and what a machine had in use is removed when nobody has written it for as long as a result is kept', async () => {
  await using place = await makeFolder();
  const nowMs = Date.now();
  for (const folder of ['durations', 'budget', 'bench', 'results']) {
    await mkdir(path.join(place.folder, folder));
    for (const [name, age] of [['old', CACHE_LIMITS.ageMsMax + 60_000], ['new', CACHE_LIMITS.ageMsMax - 60_000]] as const) {
      await writeFile(path.join(place.folder, folder, name), '');
      await utimes(path.join(place.folder, folder, name), (nowMs - age) / 1000, (nowMs - age) / 1000);
    }
  }
  pruneKept(place.folder, nowMs);
  const left = await readdir(place.folder, { recursive: true });
  expect(left.filter((name) => /[/\\]/.test(name)).map((name) => name.replace('\\', '/')).sort()).toEqual(['bench/new', 'bench/old', 'budget/new', 'durations/new', 'results/new']);
});
