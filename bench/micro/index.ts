import { createHash } from 'node:crypto';
import { Bench } from 'tinybench';
import type { MicroResult } from '../suite/index.ts';
import { lease } from './lease.ts';
import { dispatch } from './dispatch.ts';
import { fingerprint } from './fingerprint.ts';
import type { MicroCase } from './micro-case.ts';
import { relayWrite } from './relay-write.ts';
import { again, roundTrip } from './start-again.ts';
import { threadLock } from './thread-lock.ts';

const CASES: readonly MicroCase[] = [dispatch, threadLock, lease, relayWrite, fingerprint, again, roundTrip];

const TIME_MS = 1_000;
const WARMUP_MS = 200;
const CALIBRATION_BYTES = 1024 * 1024;

/** Benchmarks of parts, one after another. Rates are also given relative to hashing a megabyte, which is the same work on every machine. */
export async function runMicro(onProgress: (sentence: string) => void, signal: AbortSignal): Promise<MicroResult[]> {
  const bytes = Buffer.alloc(CALIBRATION_BYTES, 'x');
  const calibration = await measure({ name: 'hash of 1 MiB (calibration)', open: () => Promise.resolve({ missing: null, run: () => { createHash('sha256').update(bytes).digest(); }, close: () => Promise.resolve() }) }, null);
  const results = [calibration];
  for (const one of CASES) {
    signal.throwIfAborted();
    onProgress(one.name);
    results.push(await measure(one, calibration.meanMs));
  }
  return results;
}

async function measure(one: MicroCase, calibrationMs: number | null): Promise<MicroResult> {
  const { name } = one;
  const { missing, run, close } = await one.open();
  try {
    if (missing !== null) return { name, perSecond: 0, meanMs: 0, p99Ms: 0, samples: 0, ofCalibration: 0, missing };
    const bench = new Bench({ time: TIME_MS, warmupTime: WARMUP_MS, iterations: 5, warmupIterations: 1, throws: true });
    bench.add(name, run);
    await bench.warmup();
    await bench.run();
    const result = bench.tasks[0]?.result;
    if (result === undefined) throw new Error(`${name} was not measured`);
    return { name, perSecond: result.hz, meanMs: result.mean, p99Ms: result.p99, samples: result.samples.length, ofCalibration: calibrationMs === null ? 1 : result.mean / calibrationMs, missing: null };
  } finally {
    await close();
  }
}
