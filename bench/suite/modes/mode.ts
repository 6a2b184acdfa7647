import type { GateId } from '../../../src/model/gate.ts';
import type { GatesCli } from '../gates-cli.ts';
import type { CommandRunner, Measurement } from '../measure/run-command.ts';
import type { Outcome } from '../outcome.ts';
import type { Baseline } from '../tools/index.ts';
import type { Toolbox } from '../tools/toolbox.ts';

/** Ways of getting a tree checked, in the order of the tables. Their letters are those of the table's legend. */
export const MODE_IDS = ['naive', 'tuned', 'apart', 'shared', 'warm', 'cached'] as const;

export type ModeId = (typeof MODE_IDS)[number];

/** Everything that a mode may use. */
export interface Bench {
  /** Absolute: the copy that is measured. */
  readonly root: string;
  /** Absolute: another worktree of the same repository, with the same files. */
  readonly otherRoot: string;
  /** Absolute: reports and configurations, outside of it. */
  readonly folder: string;
  readonly runner: CommandRunner;
  readonly cli: GatesCli;
  readonly baseline: Baseline;
  readonly toolbox: Toolbox;
  readonly cores: number;
  /** What git and the like are started with. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How many teams the columns of the table are for. */
  readonly teamCounts: readonly number[];
  /** The column that everything is measured for. */
  readonly mainTeams: number;
  /** The files of so many teams. */
  readonly teams: (count: number) => Readonly<Record<string, readonly string[]>>;
  /** Absolute path of a configuration that names so many teams, in `root` or the other worktree. */
  readonly configFile: (count: number, root?: string) => string;
}

/** One row of the tables: something that is run again and again. */
export interface BenchCase {
  /** `shared/4`; without the number where teams make no difference. */
  readonly id: string;
  readonly mode: ModeId;
  readonly title: string;
  /** Null: it is the same for any number of teams. */
  readonly teams: number | null;
  /** Why this cannot be measured here: then it is not run. */
  readonly missing?: string;
  /** Which gates it runs where not all of the comparison: its times are of less work, and no share of the sequential time. */
  readonly gates?: readonly GateId[];
  /** In how many rounds it is run: the first ones. In all when absent; fewer for what takes minutes and is only a base. */
  readonly rounds?: number;
  /** The row whose time this one's is given in multiples of. */
  readonly alone?: string;
  run(): Promise<CaseRun>;
  /** What it keeps between rounds ends here. */
  close?(): Promise<void>;
}

export interface CaseRun {
  /** One, or several alike. */
  readonly measurements: readonly Measurement[];
  /** What was found, to be compared with the baseline; null where the case has compared it itself. */
  readonly outcome: Outcome | null;
  /** Why this run must not count: other findings than those it should have. */
  readonly problem?: string;
  /** What its parts cost, by name, where the case runs several one after another. */
  readonly parts?: readonly PartCost[];
}

export interface PartCost {
  readonly name: string;
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** One way, with all its rows. */
export interface Mode {
  readonly id: ModeId;
  /** `a` to `f`. */
  readonly letter: string;
  readonly title: string;
  /** One sentence: what is done, and what it leaves out. */
  readonly explains: string;
  cases(bench: Bench): readonly BenchCase[];
}
