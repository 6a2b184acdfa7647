import type { Command, CommandResult } from '../measure/run-command.ts';
import type { Kind } from '../outcome.ts';

/** One call of one tool, as somebody without spark-gates would make it for what our gates look at. */
export interface ToolStep {
  /** Unique and fit for a file name: `types-1`. */
  readonly id: string;
  readonly kind: Kind;
  readonly title: string;
  /** Whether its command line can be told to look at some files only. */
  readonly isRestrictable: boolean;
  /** Its exit status does not tell, or counts what is not compared: it fails where a finding is left. */
  readonly failsByFindings?: boolean;
  /**
   * What to run. `files`: a team's, null for all; a step that is not restrictable looks at everything all the same. `report`: absolute path
   * of a file that it may write. Null when none of the files is for this tool.
   */
  command(files: ReadonlySet<string> | null, report: string): Command | null;
  /** What it found and what it looked at. Throws `BenchTrouble` when the tool did not do its work. */
  read(result: ToolResult): Promise<ToolReport>;
}

export interface ToolReport {
  /** One text each. */
  readonly findings: readonly string[];
  /** Names of files, projects or tests, whatever the tool says of itself; empty when there was nothing for it. */
  readonly looked: readonly string[];
}

export type ToolResult = Pick<CommandResult, 'exitCode' | 'stdout' | 'stderr'> & { readonly report: string };

/** The files of both, in order; null is all. */
export function among(files: readonly string[], chosen: ReadonlySet<string> | null): string[] {
  return chosen === null ? [...files] : files.filter((file) => chosen.has(file));
}
