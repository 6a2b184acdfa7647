/** A task as somebody wrote it: of the right types, not yet checked against the others. */
export interface WrittenTask {
  /** 1-based; null where it is not known. */
  readonly line: number | null;
  readonly id: string;
  readonly description: string | null;
  readonly files: readonly string[] | null;
  readonly dependencies: readonly string[] | null;
  readonly priority: number | null;
  /** Ticked off: not to be done again, and those that depend on it may begin. */
  readonly isDone: boolean;
}

export interface Problem {
  readonly line: number | null;
  /** What, and what to do: "id is missing; …". */
  readonly what: string;
}

export interface WrittenTasks {
  readonly tasks: readonly WrittenTask[];
  readonly problems: readonly Problem[];
  /** Sentences for people. */
  readonly notes: readonly string[];
}
