/** Tools that we look for in the project under check. */
export const TOOL_NAMES = ['typescript', 'eslint', '@biomejs/biome', 'oxlint', 'vitest', '@vitest/coverage-v8', 'jest', 'mocha', 'c8', 'secretlint'] as const;

export type ToolName = (typeof TOOL_NAMES)[number];

/** An installed package, resolved the way Node would from where it is used. */
export interface Tool {
  readonly name: ToolName;
  readonly version: string;
  /** Absolute folder of the package. */
  readonly folder: string;
}

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

export interface PackageManager {
  readonly name: PackageManagerName;
  /** Workspace-relative path of its lockfile, or null. */
  readonly lockfile: string | null;
}

/** One package.json of the workspace. The root's is first. */
export interface WorkspacePackage {
  /** Workspace-relative folder; '' is the root. */
  readonly folder: string;
  readonly name: string | null;
  readonly scripts: Readonly<Record<string, string>>;
  /** dependencies, devDependencies, optionalDependencies and peerDependencies as declared. */
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly private: boolean;
  /** The tools as this package would find them; a missing key is a tool not installed. */
  readonly tools: Readonly<Partial<Record<ToolName, Tool>>>;
}

/** One tsconfig that holds files; a solution-style one is represented by those it references. */
export interface TypeScriptProject {
  /** Workspace-relative path of the tsconfig. */
  readonly config: string;
  /** Files of the workspace that it includes by itself (not through imports), sorted. */
  readonly files: readonly string[];
  /** tsconfigs that it references, workspace-relative. */
  readonly references: readonly string[];
  /** The TypeScript that its folder resolves, or null. */
  readonly typescript: Tool | null;
}

/** A linter configuration and the files for which it is the nearest one. */
export interface LintConfig {
  readonly linter: 'eslint' | 'eslintrc' | 'biome' | 'oxlint';
  /** Workspace-relative path of the configuration file. */
  readonly config: string;
  /** Workspace-relative folder that it governs; '' is the root. */
  readonly folder: string;
  readonly tool: Tool | null;
}

/** A command of a test script that is no call of its runner, run by a shell in its own words. */
export interface CommandStep {
  readonly kind: 'command';
  /** Workspace-relative folder it is run in; '' is the root. */
  readonly folder: string;
  /** The package script in which it stands. */
  readonly script: string;
  readonly text: string;
}

/** A call of the suite's runner. The words are as written: quotes, globs and variables are the shell's to resolve. */
export interface RunnerStep {
  readonly kind: 'runner';
  /** The package script in which it stands, or null where no script calls the runner. */
  readonly script: string | null;
  /** Workspace-relative path of the runner's configuration file, or null. */
  readonly config: string | null;
  /** `NAME=value` before the program, also those of cross-env. */
  readonly assignments: readonly string[];
  /** A program that prepares the environment and starts ours: `dotenv -e .env.test --`. */
  readonly launcher: readonly string[];
  /** Options of node before the runner's own script. */
  readonly nodeOptions: readonly string[];
  /** What follows the program. */
  readonly words: readonly string[];
}

/** The steps of a suite are run in order. A command that fails ends the suite; a failed test does not. */
export type TestStep = CommandStep | RunnerStep;

/** How one package's tests are run. */
export interface TestSuite {
  /** The one that all runner steps call; `command` where there are only commands. */
  readonly runner: 'vitest' | 'jest' | 'node:test' | 'mocha' | 'command';
  /** `unit` is what `test` runs; `integration` what `test:integration`, `integration` or `test:e2e` runs. */
  readonly role: 'unit' | 'integration';
  /** Workspace-relative folder it is run in; '' is the root. */
  readonly folder: string;
  /** Workspace-relative path of the first call's configuration file, or null. */
  readonly config: string | null;
  /** The package script behind it, or null: its name. */
  readonly script: string | null;
  /** The runner as installed; null when it is missing, or for node:test and plain commands. */
  readonly tool: Tool | null;
  /** Everything that the script does, what npm runs before and after it included. Never empty. */
  readonly steps: readonly TestStep[];
}

/** What is true of the tree under check. Plain data: it travels to workers. */
export interface Workspace {
  /** Absolute real path. */
  readonly root: string;
  /** Commit id of HEAD, or null outside git or before the first commit. */
  readonly head: string | null;
  /** The main worktree's root; equals `root` outside a linked worktree. */
  readonly mainRoot: string;
  /** Every file that is tracked or untracked but not ignored, sorted in code-unit order. */
  readonly files: readonly string[];
  /** Files that differ from the base commit, untracked ones included; null outside git. */
  readonly changed: readonly string[] | null;
  /** Files of the base commit that are gone, by `git mv` too: a change of whoever owned them. Empty outside git. */
  readonly removed: readonly string[];
  readonly packageManager: PackageManager | null;
  /** Every package.json; the root's first where there is one. */
  readonly packages: readonly WorkspacePackage[];
  readonly typescriptProjects: readonly TypeScriptProject[];
  /** tsconfig files that are no project of it: of fixtures, templates, examples, and packages outside the workspace. */
  readonly otherTypeScriptConfigs: readonly string[];
  readonly lintConfigs: readonly LintConfig[];
  readonly testSuites: readonly TestSuite[];
  /**
   * What keeps every tool of the project from running, as one sentence with the remedy ("node_modules is missing: run npm
   * ci"), or null.
   */
  readonly setupProblem: string | null;
  /** Faults of configuration files met on the way; each becomes the reason of the checks that needed the file. */
  readonly faults: readonly WorkspaceFault[];
}

export interface WorkspaceFault {
  /** Workspace-relative path. */
  readonly file: string;
  /** One sentence: what is wrong, and what to do. */
  readonly message: string;
}
