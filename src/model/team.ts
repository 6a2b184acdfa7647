/** The team that owns everything when none was given, and every finding whose cause can't be told. */
export const WORKSPACE_TEAM = 'workspace';

/** A named owner of files. */
export interface Team {
  readonly name: string;
  /** Existing files it owns, workspace-relative posix paths, sorted in code-unit order. No file has two owners. */
  readonly files: readonly string[];
  /** What it owned and is gone since the base: a change that shows in whoever still imports it. */
  readonly removed?: readonly string[];
  /** Of the files that it was assigned, by name or glob, those that are not there and never were. */
  readonly missing?: readonly string[];
  /** What it owns besides, where the run was restricted to paths that leave it out. */
  readonly outside?: readonly string[];
}

/** Where the teams of a run came from; shown in `plan` and `doctor`. */
export type TeamSource = 'command line' | 'config' | 'relay' | 'CODEOWNERS' | 'none';
