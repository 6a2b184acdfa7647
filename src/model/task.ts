/** What a team can be given. From a task source, validated: ids are unique, dependencies exist and have no cycle. */
export interface Task {
  /** Free-form, without blanks: `TASK-API-01`, `T1.1`. */
  readonly id: string;
  readonly description: string;
  /** Paths or globs relative to the root, posix; may be empty, which the allocation says. */
  readonly files: readonly string[];
  /** Ids of tasks that must be completed first. */
  readonly dependencies: readonly string[];
  /** Higher is sooner; 0 when not given. */
  readonly priority: number;
}
