import { z } from 'zod';
import { MODE_IDS } from './modes/mode.ts';

const summary = z.object({ runs: z.number(), median: z.number(), low: z.number(), high: z.number(), p95: z.number() });

const row = z.object({
  id: z.string(),
  mode: z.enum(MODE_IDS),
  title: z.string(),
  teams: z.number().nullable(),
  /** Null: all gates of the comparison. */
  gates: z.array(z.string()).nullable(),
  /** Why there are no figures: it cannot be had here, it broke, or it found something else. */
  missing: z.string().nullable(),
  wallMs: summary.nullable(),
  cpuMs: summary.nullable(),
  peakBytes: summary.nullable(),
  peakProcesses: summary.nullable(),
  peakThreads: summary.nullable(),
  /** Of the time of the naive sequential way for as many teams, round by round. */
  ofSequential: summary.nullable(),
  /** Of the time of an empty Node process, round by round. */
  ofEmptyProcess: summary.nullable(),
  /** Of the time of the row that it is the double of, round by round; null for those that are of none. */
  ofAlone: summary.nullable(),
  /** Half of the middle half of the runs, relative: how much of a change is no change. */
  spread: z.number().nullable(),
  /** Of findings and exit status; null where it never ran to its end, or compares them itself. */
  hash: z.string().nullable(),
});

const bound = z.object({
  /** CPU time of the work, each piece of it once, spread over all cores. */
  cpuShareMs: z.number(),
  /** The longest piece that nothing can split. */
  criticalPathMs: z.number(),
  /** The larger one. */
  boundMs: z.number(),
});

const corpus = z.object({
  name: z.string(),
  title: z.string(),
  files: z.number(),
  bytes: z.number(),
  /** `TypeScript 6.0.3` and the like. */
  tools: z.array(z.string()),
  /** What is measured, and what is left out; sentences. */
  notes: z.array(z.string()),
  gates: z.array(z.string()),
  mainTeams: z.number(),
  findings: z.number(),
  rows: z.array(row),
  /** Of our own work, and of the tools'. */
  bounds: z.object({ ours: bound.nullable(), tools: bound.nullable() }),
  emptyProcessMs: summary.nullable(),
});

const tokens = z.object({
  tokeniser: z.string(),
  tasks: z.number(),
  /** All text handed to agents, by number of teams; share: of one team that does the tasks in turn. */
  teams: z.array(z.object({ teams: z.number(), tokens: z.number(), share: z.number(), answers: z.number(), documents: z.number() })),
});

const micro = z.object({ name: z.string(), perSecond: z.number(), meanMs: z.number(), p99Ms: z.number(), samples: z.number(), ofCalibration: z.number(), missing: z.string().nullable() });

/** What a benchmark measured: `--json`, and what `--compare` reads. */
export const benchDocumentSchema = z.object({
  version: z.literal(1),
  product: z.string(),
  commit: z.string().nullable(),
  machine: z.object({ cores: z.number(), cpu: z.string(), memoryBytes: z.number(), platform: z.string(), node: z.string() }),
  startedAt: z.string(),
  runs: z.number(),
  quick: z.boolean(),
  teamCounts: z.array(z.number()),
  corpora: z.array(corpus),
  tokens: tokens.nullable(),
  micro: z.array(micro),
});

export type BenchDocument = z.infer<typeof benchDocumentSchema>;
export type CorpusResult = BenchDocument['corpora'][number];
export type RowResult = CorpusResult['rows'][number];
export type Bound = z.infer<typeof bound>;
export type TokenResult = z.infer<typeof tokens>;
export type MicroResult = z.infer<typeof micro>;

/** Whether anything of it was measured; what is counted, such as tokens, is not. */
export function hasFigures({ corpora, micro }: BenchDocument): boolean {
  return [...corpora.flatMap(({ rows }) => rows), ...micro].some(({ missing }) => missing === null);
}
