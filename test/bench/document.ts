import type { BenchDocument, RowResult } from '../../bench/suite/document.ts';
import { summarise } from '../../bench/suite/statistics.ts';

/** A row whose runs took so many seconds, where the sequential way took ten. */
export function rowOf(id: string, mode: RowResult['mode'], seconds: readonly number[], rest: Partial<RowResult> = {}): RowResult {
  return {
    id, mode, title: id, teams: 4, gates: null, missing: null,
    wallMs: summarise(seconds.map((one) => one * 1_000)), cpuMs: summarise(seconds.map((one) => one * 2_000)), peakBytes: summarise([512 * 1024 * 1024]), peakProcesses: summarise([6]), peakThreads: summarise([60]),
    ofSequential: summarise(seconds.map((one) => one / 10)), ofEmptyProcess: summarise(seconds.map((one) => one * 25)), ofAlone: null, spread: 0.01, hash: 'abcabcabcabc', ...rest,
  };
}

export function documentOf(rows: readonly RowResult[]): BenchDocument {
  return {
    version: 1, product: 'spark-gates 1.0.0', commit: 'abc', machine: { cores: 2, cpu: 'Test CPU', memoryBytes: 8 * 1024 ** 3, platform: 'linux x64', node: 'v20.19.0' }, startedAt: '2026-01-01T00:00:00.000Z',
    runs: 5, quick: false, teamCounts: [4],
    corpora: [{
      name: 'shop', title: 'the <shop>', files: 30, bytes: 6_144, tools: ['typescript 6.0.3'], notes: ['links are not compared'], gates: ['type_verification'], mainTeams: 4, findings: 12, rows: [...rows],
      bounds: { ours: { cpuShareMs: 1_000, criticalPathMs: 1_600, boundMs: 1_600 }, tools: null }, emptyProcessMs: summarise([40]),
    }],
    tokens: { tokeniser: 'words', tasks: 8, teams: [{ teams: 4, tokens: 1_030, share: 1.03, answers: 40, documents: 6 }] },
    micro: [{ name: 'thread lock', perSecond: 1_000_000, meanMs: 0.001, p99Ms: 0.002, samples: 100, ofCalibration: 0.0005, missing: null }],
  };
}
