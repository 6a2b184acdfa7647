import type { CorpusResult, RowResult } from './document.ts';
import { lowerBound } from './lower-bound.ts';
import type { Measurement } from './measure/run-command.ts';
import type { Bench, BenchCase, CaseRun, PartCost } from './modes/mode.ts';
import { ONE_JOB } from './modes/shared.ts';
import { hashOutcome } from './outcome.ts';
import { median, ratios, relativeSpread, summarise, type Summary } from './statistics.ts';

interface Row {
  readonly one: BenchCase;
  readonly byRound: Map<number, readonly Measurement[]>;
  readonly parts: (readonly PartCost[])[];
  hash: string | null;
  missing: string | null;
}

const NO_TIME = 'no time was left for it';

/** What has been measured of one tree so far. */
export class Records {
  readonly #rows = new Map<string, Row>();
  readonly #empty = new Map<number, number[]>();

  add(one: BenchCase): void {
    this.#rows.set(one.id, { one, byRound: new Map(), parts: [], hash: null, missing: one.missing ?? null });
  }

  /** Whether it is still to be run: what is missing, broken or wrong once is not measured further. */
  isOpen({ id, rounds = Infinity }: BenchCase, round: number): boolean {
    return this.#row(id).missing === null && round < rounds;
  }

  keep({ id }: BenchCase, round: number, { measurements, parts, outcome }: CaseRun): void {
    const row = this.#row(id);
    row.byRound.set(round, measurements);
    if (parts !== undefined) row.parts.push(parts);
    if (outcome !== null) row.hash = hashOutcome(outcome);
  }

  /** Its figures go, too: they are of something else. */
  fail({ id }: BenchCase, reason: string): void {
    const row = this.#row(id);
    row.byRound.clear();
    row.parts.length = 0;
    row.missing = reason;
  }

  emptyProcess(round: number, wallMs: number): void {
    this.#empty.set(round, [...(this.#empty.get(round) ?? []), wallMs]);
  }

  endOfTime(): void {
    for (const row of this.#rows.values()) if (row.byRound.size === 0) row.missing ??= NO_TIME;
  }

  /** For people who wait. */
  sentence({ id, title, teams }: BenchCase, round: number): string {
    const { missing, byRound } = this.#row(id);
    const walls = (byRound.get(round) ?? []).map(({ wallMs }) => wallMs);
    return `${title}${teams === null ? '' : `, ${teams} ${teams === 1 ? 'team' : 'teams'}`}: ${missing ?? `${(median(walls) / 1_000).toFixed(2)} s`}`;
  }

  results(bench: Pick<Bench, 'mainTeams' | 'cores'>): Pick<CorpusResult, 'rows' | 'bounds' | 'emptyProcessMs'> {
    const inTurn = this.#rows.get(ONE_JOB);
    const whole = this.#rows.get('naive/1');
    const cpuMs = inTurn === undefined ? [] : flat(inTurn).map((one) => one.cpuMs);
    return {
      rows: [...this.#rows.values()].map((row) => this.#describe(row, bench.mainTeams)),
      bounds: {
        ours: inTurn === undefined || cpuMs.length === 0 ? null : lowerBound(inTurn.parts, bench.cores, median(cpuMs)),
        tools: whole === undefined ? null : lowerBound(whole.parts, bench.cores),
      },
      emptyProcessMs: summarise([...this.#empty.values()].flat()),
    };
  }

  #describe(row: Row, mainTeams: number): RowResult {
    const { one, missing, hash } = row;
    const all = flat(row);
    const walls = all.map(({ wallMs }) => wallMs);
    const sequential = this.#rows.get(`naive/${one.teams ?? mainTeams}`);
    const ofSequential = sequential === undefined || one.gates !== undefined || one.alone !== undefined ? [] : ratios(medians(row), medians(sequential));
    const alone = one.alone === undefined ? undefined : this.#rows.get(one.alone);
    const empty = new Map([...this.#empty].map(([round, values]) => [round, median(values)]));
    return {
      id: one.id,
      mode: one.mode,
      title: one.title,
      teams: one.teams,
      gates: one.gates === undefined ? null : [...one.gates],
      missing: missing ?? (all.length === 0 ? NO_TIME : null),
      wallMs: summarise(walls),
      cpuMs: summarise(all.map(({ cpuMs }) => cpuMs)),
      peakBytes: summariseKnown(all.map(({ peakBytes }) => peakBytes)),
      peakProcesses: summariseKnown(all.map(({ peakProcesses }) => peakProcesses)),
      peakThreads: summariseKnown(all.map(({ peakThreads }) => peakThreads)),
      ofSequential: summarise(ofSequential),
      ofEmptyProcess: summarise([...row.byRound].flatMap(([round, values]) => values.flatMap(({ wallMs }) => { const base = empty.get(round); return base === undefined ? [] : [wallMs / base]; }))),
      ofAlone: alone === undefined ? null : summarise(ratios(medians(row), medians(alone))),
      spread: ofSequential.length < 2 ? null : relativeSpread(ofSequential),
      hash,
    };
  }

  #row(id: string): Row {
    const row = this.#rows.get(id);
    if (row === undefined) throw new Error(`there is no case ${id}`);
    return row;
  }
}

function flat(row: Row): Measurement[] {
  return [...row.byRound.values()].flat();
}

function medians(row: Row): Map<number, number> {
  return new Map([...row.byRound].map(([round, values]) => [round, median(values.map(({ wallMs }) => wallMs))]));
}

function summariseKnown(values: readonly (number | null)[]): Summary | null {
  return summarise(values.filter((value) => value !== null));
}
