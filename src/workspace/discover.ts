import { RELAY_FOLDER } from '../model/relay-files.ts';
import type { Workspace, WorkspacePackage } from '../model/workspace.ts';
import type { Environment } from '../system/git.ts';
import { globTest } from '../system/globs.ts';
import { changesOf, findDifferences } from './changed.ts';
import { listFiles } from './files.ts';
import { findLintConfigs } from './lint-configs.ts';
import { findPackages, type FoundPackage } from './packages.ts';
import { findRoot, type Root } from './root.ts';
import { findSetupProblem } from './setup-problem.ts';
import { findTestSuites } from './test-suites.ts';
import { createToolLocator, type ToolLocator } from './tools.ts';
import { findTypeScriptProjects } from './typescript-projects.ts';

export interface DiscoverOptions {
  /** Any folder of the tree under check; absolute. */
  readonly cwd: string;
  /** What `findRoot` said of it just now, where it was asked already. */
  readonly root?: Root;
  /** The commit that "changed" is relative to. */
  readonly base: string;
  /** Globs of files that do not count, relative to the root. */
  readonly exclude: readonly string[];
  /** Folder of the relay, relative to the root; the default one when not given. */
  readonly relay?: string;
  readonly environment: Environment;
}

/**
 * What is true of the tree that `cwd` lies in. Reads only; of programs it starts only git. Faults of the project's own files
 * are in the result; `WorkspaceError` is thrown when there is no tree to speak of (no such folder, unknown base).
 */
export async function discoverWorkspace(options: DiscoverOptions): Promise<Workspace> {
  const { exclude, relay = RELAY_FOLDER, environment } = options;
  const root = options.root ?? await findRoot(options.cwd, environment);
  const [listed, differences] = await Promise.all([listFiles(root, { exclude, relay, environment }), findDifferences(root, options.base, environment)]);
  const { files } = listed;
  const { changed, removed } = changesOf(root, listed, differences);
  const isExcluded = globTest(exclude);
  const { packages, packageManager, faults } = findPackages(root.root, files);
  const tools = createToolLocator(root.root);
  const typescript = findTypeScriptProjects(root.root, files, packages, tools);
  return {
    root: root.root,
    head: root.head,
    mainRoot: root.mainRoot,
    files,
    changed,
    removed: removed.filter((file) => !isExcluded(file)),
    packageManager,
    packages: packages.map((one) => describePackage(one, tools)),
    typescriptProjects: typescript.projects,
    otherTypeScriptConfigs: typescript.others,
    lintConfigs: findLintConfigs(files, packages, tools),
    testSuites: findTestSuites(root.root, files, packages, tools),
    setupProblem: findSetupProblem(root.root, packages, packageManager),
    faults: [...faults, ...typescript.faults],
  };
}

function describePackage({ folder, json }: FoundPackage, tools: ToolLocator): WorkspacePackage {
  const { name, scripts, dependencies, devDependencies, optionalDependencies, peerDependencies } = json;
  return { folder, name, scripts, dependencies, devDependencies, optionalDependencies, peerDependencies, private: json.private, tools: tools.findAll(folder) };
}
