import type { Failure } from './failure.ts';
import type { Finding } from './finding.ts';
import type { GateId } from './gate.ts';
import type { FileCoverage, TestResult } from './measurement.ts';

/**
 * What a check's result depends on, besides itself, its engine, Node and us. When in doubt, more: a result that is kept for
 * longer than it is true is the worst that can happen.
 *
 * - `files`: the contents of its `files` and `inputFiles`, and nothing else: no other file's being there, no package, no environment.
 * - `packages`: that, what every package.json of the workspace says, installed packages and the package manager's settings, the environment.
 * - `code`: the names of all files, the contents of all but prose, pictures and their like, those of its `files` whatever they are;
 *   installed packages, the environment.
 * - `workspace`: everything that can be seen: every file, where programs are looked for, the processor.
 * - `commit`: that, and HEAD.
 * - `never`: what cannot be seen.
 */
export type CheckInputs = 'files' | 'packages' | 'code' | 'workspace' | 'commit' | 'never';

/**
 * The smallest schedulable unit as a gate asks for it: one engine over one set of inputs. Must survive structured
 * cloning: it travels to a worker.
 */
export interface CheckRequest {
  /** Unique within its gate, stable between runs: `types:tsconfig.json`. Two gates that may share a check use one name. */
  readonly name: string;
  readonly gate: GateId;
  /** The engine's name as its users write it: `typescript`, `eslint`, `vitest`. */
  readonly engine: string;
  readonly engineVersion: string | null;
  /** Where the engine comes from: the project's own, or our default because the project has none. */
  readonly engineOrigin: 'project' | 'bundled';
  /** For people: "types of packages/api/tsconfig.json". */
  readonly title: string;
  /** Workspace-relative posix paths that it will inspect, as far as known before it runs. */
  readonly files: readonly string[];
  /**
   * True when its outcome speaks for every team whatever its files (lockfile, installed tree): an error of it is an error
   * for all. False: only for the teams that own one of `files`.
   */
  readonly workspaceWide: boolean;
  /** Checks of one lane run in one worker, in the order planned, and share its memory (`RunContext.lane`). */
  readonly lane?: string;
  /** Requests of equal name and `combine` true are one check: its `gates`, `files` and `parts` are the union. */
  readonly combine?: boolean;
  /** Named thread locks that it holds while it runs: `test-run` keeps two suites from running at once. */
  readonly locks?: readonly string[];
  /** The most cores that the tool it starts can use; it is granted 1 to this many. Absent: works in its own thread only. */
  readonly slotsMax?: number;
  /** Estimate for a first run; later runs use the recorded duration. */
  readonly expectedMs: number;
  readonly timeLimitMs: number;
  /** Why it will not be able to run, where that can be told before: `plan` and `doctor` say so, and the run finds it again. */
  readonly foreseen?: Failure;
  /** What its engine needs to know; only the gate that asked for it looks inside. */
  readonly params: unknown;
  /** What its result depends on; `workspace` when absent. */
  readonly inputs?: CheckInputs;
  /** With `files` or `packages`: what it reads besides, workspace-relative; need not be there. */
  readonly inputFiles?: readonly string[];
}

/** A planned check: requests that could share one run, joined. */
export interface Check extends Omit<CheckRequest, 'gate' | 'params' | 'combine'> {
  /** Unique within the plan, stable between runs. */
  readonly id: string;
  /** The gates it serves, in gate order. The first one's `run` executes it. */
  readonly gates: readonly [GateId, ...GateId[]];
  /** What each gate asked for; one entry a request, in gate order. */
  readonly parts: readonly CheckPart[];
}

export interface CheckPart {
  readonly gate: GateId;
  readonly files: readonly string[];
  readonly params: unknown;
}

/** What was looked at. A verdict with all of this empty is never *passed*. */
export interface Inspected {
  /** Files that were really read, workspace-relative. */
  readonly files: readonly string[];
  readonly tests?: readonly TestResult[];
  /** Rules that were active. */
  readonly rules?: number;
  /** Installed packages looked at (audit, installed tree). */
  readonly packages?: number;
}

/** Why a result says less about the next run than its inputs promise; absent: with equal inputs it is the same. */
export type Validity =
  /** It would not come out the same: a test passed only when it was tried again. One clause for people. */
  | { readonly kind: 'unrepeatable'; readonly reason: string }
  /** It rests on these files and folders being there or not, which may be none that results are looked up by. Relative to the root. */
  | { readonly kind: 'names'; readonly found: readonly string[]; readonly missing: readonly string[] }
  /** It is about the world outside as it was, or about the date. */
  | { readonly kind: 'for'; readonly ms: number };

/** How one check ended. */
export type CheckOutcome =
  | {
      readonly status: 'done';
      readonly findings: readonly Finding[];
      readonly inspected: Inspected;
      /** Per file, where the engine measured it. */
      readonly coverage?: Readonly<Record<string, FileCoverage>>;
      /** Test files that could not be loaded: the coverage of what they import is not known. */
      readonly unloadedTests?: readonly string[];
      /** Facts for the report that are neither findings nor trouble: "12 files are ignored by the ESLint configuration". */
      readonly notes?: readonly string[];
      readonly validity?: Validity;
    }
  | { readonly status: 'skipped'; readonly reason: string; readonly validity?: Validity }
  | {
      readonly status: 'error';
      readonly failure: Failure;
      /** What was found before it broke; shown, never judged as complete. */
      readonly findings?: readonly Finding[];
      /** What it looked at before it broke, or in the part of it that worked. Never makes it a pass. */
      readonly inspected?: Inspected;
    };
