import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** This repository's root. */
export const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));

export interface Project extends AsyncDisposable {
  readonly root: string;
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  remove(file: string): Promise<void>;
  git(...args: string[]): Promise<string>;
}

export interface ProjectOptions {
  /** Packages put into its node_modules: name there → name in ours (`typescript: 'typescript7'`). */
  readonly packages?: Readonly<Record<string, string>>;
  /** Makes it a git repository with everything committed. */
  readonly git?: boolean;
  /** Name of the folder itself, for paths with spaces and the like. */
  readonly name?: string;
}

/** A real project in a temporary folder, gone when disposed of: `await using project = await makeProject({…})`. */
export async function makeProject(files: Readonly<Record<string, string | Uint8Array>>, options: ProjectOptions = {}): Promise<Project> {
  const parent = await realpath(await mkdtemp(path.join(tmpdir(), 'spark-gates-test-')));
  const root = path.join(parent, options.name ?? 'project');
  const project: Project = {
    root,
    async write(more) {
      for (const [file, content] of Object.entries(more)) {
        const target = path.join(root, file);
        await mkdir(path.dirname(target), { recursive: true });
        await writeFile(target, content);
      }
    },
    remove: (file) => rm(path.join(root, file), { recursive: true }),
    async git(...args) {
      const identity = ['-c', 'user.name=test', '-c', 'user.email=test@localhost', '-c', 'commit.gpgsign=false', '-c', 'init.defaultBranch=main'];
      const { stdout } = await promisify(execFile)('git', [...identity, ...args], { cwd: root });
      return stdout.trim();
    },
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true, maxRetries: 5 }),
  };
  await mkdir(root, { recursive: true });
  await project.write(files);
  for (const [name, ours] of Object.entries(options.packages ?? {})) {
    const link = path.join(root, 'node_modules', name);
    await mkdir(path.dirname(link), { recursive: true });
    await symlink(path.join(REPOSITORY, 'node_modules', ours), link, 'dir');
  }
  if (options.git === true) {
    await project.write({ '.gitignore': 'node_modules/\n' });
    await project.git('init', '--quiet');
    await project.git('add', '--all');
    await project.git('commit', '--quiet', '--message', 'Start');
  }
  return project;
}
