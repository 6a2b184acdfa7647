import path from 'node:path';
import { z } from 'zod';
import type { CheckOutcome } from '../model/check.ts';
import { GATE_IDS } from '../model/gate.ts';
import { CACHE_LIMITS } from '../model/limits.ts';
import type { Disk } from '../system/disk.ts';
import type { Digest } from './digest.ts';
import { markUsed } from './kept-files.ts';
import { readSealed, writeSealed } from './sealed-file.ts';

/** A result as it was kept. */
export interface KeptResult {
  readonly outcome: CheckOutcome;
  /** What the check took when it ran. */
  readonly durationMs: number;
  /** Time of day after which it is not believed any more; null: never. */
  readonly untilMs: number | null;
}

const finding = z.object({
  gate: z.enum(GATE_IDS),
  rule: z.string(),
  message: z.string(),
  file: z.string().nullable(),
  line: z.number().nullable(),
  column: z.number().nullable(),
  severity: z.enum(['error', 'warning']),
  kind: z.enum(['parse', 'crash']).optional(),
});
const count = z.object({ total: z.number(), covered: z.number() });
const inspected = z.object({
  files: z.array(z.string()),
  tests: z.array(z.object({ file: z.string(), name: z.string(), status: z.enum(['passed', 'failed', 'skipped']), durationMs: z.number() })).optional(),
  rules: z.number().optional(),
  packages: z.number().optional(),
});
const validity = z.discriminatedUnion('kind', [z.object({ kind: z.literal('for'), ms: z.number() }), z.object({ kind: z.literal('names'), found: z.array(z.string()), missing: z.array(z.string()) })]);
const outcome = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('done'),
    findings: z.array(finding),
    inspected,
    coverage: z.record(z.string(), z.object({ lines: count, statements: count, branches: count, functions: count, uncoveredLines: z.array(z.number()) })).optional(),
    unloadedTests: z.array(z.string()).optional(),
    notes: z.array(z.string()).optional(),
    validity: validity.optional(),
  }),
  z.strictObject({ status: z.literal('skipped'), reason: z.string(), validity: validity.optional() }),
]);
const schema = z.strictObject({ fingerprint: z.string(), check: z.string(), durationMs: z.number().nonnegative(), untilMs: z.number().nullable(), outcome });

/** Stands for the root in what is kept, so that it is true in every worktree. */
const ROOT = '<spark-gates root>';

export interface ResultKey {
  readonly fingerprint: Digest;
  /** The check's id. */
  readonly check: string;
  /** Absolute root of the tree that asks. */
  readonly root: string;
}

/** Results by fingerprint, for all trees of the user. */
export class ResultStore {
  readonly #disk: Disk;
  readonly #folder: string;

  /** `folder` is absolute; nothing but results is in it. */
  constructor(folder: string, disk: Disk) {
    this.#folder = folder;
    this.#disk = disk;
  }

  /** Null when there is none that can be believed at `nowMs`, the time of day. */
  async get({ fingerprint, check, root }: ResultKey, nowMs: number): Promise<KeptResult | null> {
    const kept = await readSealed(this.#disk, this.#file(fingerprint));
    const parsed = schema.safeParse(kept);
    if (!parsed.success || parsed.data.fingerprint !== fingerprint || parsed.data.check !== check) return null;
    const { durationMs, untilMs, outcome: { validity } } = parsed.data;
    // A time further away than it was when the result was made was written under another clock.
    if (untilMs !== null && (nowMs >= untilMs || untilMs - nowMs > (validity?.kind === 'for' ? validity.ms : 0))) return null;
    markUsed(this.#file(fingerprint), nowMs);
    // As it was written: the schema would put its keys in another order, and the report would not be the same to the byte.
    return { outcome: withRoot((kept as { readonly outcome: CheckOutcome }).outcome, root), durationMs, untilMs };
  }

  /** False when it is too large to be kept, or could not be told from another tree's. Throws the disk's errors. */
  async put({ fingerprint, check, root }: ResultKey, { outcome: own, durationMs, untilMs }: KeptResult): Promise<boolean> {
    const json = JSON.stringify(own);
    if (json.length > CACHE_LIMITS.resultBytesMax || json.includes(ROOT)) return false;
    await writeSealed(this.#disk, this.#file(fingerprint), { fingerprint, check, durationMs, untilMs, outcome: withoutRoot(json, root) });
    return true;
  }

  #file(fingerprint: Digest): string {
    return path.join(this.#folder, fingerprint.slice(0, 2), `${fingerprint}.json`);
  }
}

function withoutRoot(json: string, root: string): unknown {
  const quoted = JSON.stringify(root).slice(1, -1).replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return JSON.parse(json.replaceAll(new RegExp(`${quoted}(?![\\w.-])`, 'g'), ROOT));
}

function withRoot(kept: CheckOutcome, root: string): CheckOutcome {
  const json = JSON.stringify(kept);
  return json.includes(ROOT) ? (JSON.parse(json.replaceAll(ROOT, () => JSON.stringify(root).slice(1, -1))) as CheckOutcome) : kept;
}
