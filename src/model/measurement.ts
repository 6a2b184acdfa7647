import type { Finding } from './finding.ts';

export interface TestResult {
  /** The test file, workspace-relative; of a command of a package's script, the package.json. */
  readonly file: string;
  /** Full name, outer suites first, joined by ` > `. */
  readonly name: string;
  readonly status: 'passed' | 'failed' | 'skipped';
  readonly durationMs: number;
}

export interface CoverageCount {
  readonly total: number;
  readonly covered: number;
}

/** What one source file's tests reached, merged over all test files. */
export interface FileCoverage {
  readonly lines: CoverageCount;
  readonly statements: CoverageCount;
  readonly branches: CoverageCount;
  readonly functions: CoverageCount;
  /** 1-based, ascending. */
  readonly uncoveredLines: readonly number[];
}

/** What one gate's checks measured for one team: the input of `Gate.assess`. */
export interface TeamMeasurement {
  readonly team: string;
  /** The team's files, sorted. */
  readonly files: readonly string[];
  /** Findings already attributed to the team. */
  readonly findings: readonly Finding[];
  readonly tests: readonly TestResult[];
  /** Coverage of the team's own files that the run reported. */
  readonly coverage: Readonly<Record<string, FileCoverage>>;
  /** True when at least one check of the gate that concerns the team ended `done`. */
  readonly measured: boolean;
}
