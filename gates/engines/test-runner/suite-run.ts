import type { Failure } from '../../../src/model/failure.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import type { SubprocessResult } from '../../../src/system/subprocess.ts';
import type { TestSuite } from '../../../src/model/workspace.ts';
import type { RunnerCall } from './runner-call.ts';

/** One run of one suite, for all teams at once. Travels to a worker. */
export interface SuiteRun {
  readonly suite: TestSuite;
  /** The teams' files and all that reaches them, workspace-relative, inside the suite's folder; null runs every test. */
  readonly related: readonly string[] | null;
  /** Files of the teams that this suite is expected to cover. Empty: coverage is not measured. */
  readonly sources: readonly string[];
  /** The user's additions to the runner's command line. */
  readonly args: readonly string[];
  /** The user's choice of a configuration file, workspace-relative, or null. */
  readonly configFile: string | null;
  /** How to install a package here: `npm install --save-dev`. */
  readonly install: string;
}

/** Where one step of a run leaves its traces; all outside the workspace. */
export interface RunFolders {
  readonly temp: string;
  readonly logFile: string;
  /** Istanbul's JSON. */
  readonly coverage: string;
  /** V8's raw files: of all steps, they are read together. */
  readonly v8: string;
  /** Absolute folder of the suite. */
  readonly suite: string;
}

export type RunnerResult =
  | { readonly ok: false; readonly failure: Failure }
  | {
      readonly ok: true;
      /** Null when there was nothing to start it for. */
      readonly process: SubprocessResult | null;
      /** What was left to make the coverage report from. */
      readonly coverage: 'istanbul' | 'v8' | 'none';
    };

/** Starts one kind of test runner. Its reporter writes the run log; nothing is read from what it prints. */
export type Runner = (run: SuiteRun, call: RunnerCall, folders: RunFolders, context: RunContext) => Promise<RunnerResult>;

/** Plain output, no prompts, nothing written beside the sources: a missing snapshot fails instead. */
export const RUNNER_ENVIRONMENT: Readonly<Record<string, string | undefined>> = {
  CI: '1',
  NO_COLOR: '1',
  FORCE_COLOR: undefined,
  GITHUB_ACTIONS: undefined,
  NODE_V8_COVERAGE: undefined,
  // Set when we are ourselves run by a test runner; would make the project's runner believe that it is a child of that one.
  NODE_TEST_CONTEXT: undefined,
  VITEST: undefined,
  VITEST_MODE: undefined,
  VITEST_POOL_ID: undefined,
  VITEST_WORKER_ID: undefined,
  JEST_WORKER_ID: undefined,
  TEST: undefined,
  NODE_ENV: undefined,
};
