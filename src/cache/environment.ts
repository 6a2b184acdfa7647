import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import path from 'node:path';
import { isMissing } from '../system/read-text.ts';
import type { Environment } from '../system/git.ts';
import { digestOf } from './digest.ts';
import { entriesOf } from './outside-paths.ts';

/** What engines and runners read by themselves, whether the project's files name it or not. */
const DECLARED = new RegExp(`^(?:${[
  'NODE_.*', 'CI', 'CONTINUOUS_INTEGRATION', 'BUILD_NUMBER', 'GITHUB_ACTIONS', 'GITLAB_CI', 'CIRCLECI', 'TRAVIS', 'BUILDKITE', 'TF_BUILD', 'TEAMCITY_VERSION',
  'HOME', 'USERPROFILE', 'TZ', 'LANG', 'LANGUAGE', 'LC_.*', 'FORCE_COLOR', 'NO_COLOR', 'COLORTERM', 'TEST', 'VITEST.*', 'JEST.*', 'MOCHA.*', 'VITE_.*', 'ESLINT_.*', 'TSESTREE_.*', 'TS_.*', 'TSC_.*', 'BABEL_.*', 'BROWSERSLIST.*', 'SWC_.*',
  'ESBUILD_.*', 'BIOME_.*', 'OXC_.*', 'OXLINT_.*', 'PRETTIER_.*', 'DOTENV_.*', 'UV_.*', 'SSL_CERT_.*', 'NEXT_PUBLIC_.*', 'REACT_APP_.*', 'npm_config_.*', 'NPM_CONFIG_.*', 'PNPM_.*', 'YARN_.*', '(?:HTTPS?|ALL|NO)_PROXY', '(?:https?|all|no)_proxy',
].join('|')})$`);

/** What npm sets for whatever it starts; it says how we were started, and nothing about the project. */
const NPM_OWN = /^npm_config_(?:user_agent|cache|noproxy|local_prefix|global_prefix|globalconfig|userconfig|init_module|node_gyp|npm_version|prefix|yes|package|call|loglevel)$|^PNPM_(?:HOME|SCRIPT_SRC_DIR)$|^NODE_GYP.*$/;

/** Programs that suites and gates start by their names; another one of them may do something else. */
const PROGRAMS = ['node', 'npm', 'npx', 'pnpm', 'yarn', 'bun', 'git'];

export interface EnvironmentState {
  /** Variables of the environment that may matter. */
  readonly variables: Readonly<Record<string, string>>;
  /** PATH but for what package managers put in front of it. */
  readonly path: string;
  /** Which file each program is, and which version of it. */
  readonly programs: Readonly<Record<string, string>>;
  /** The same of others that scripts and commands of the tree name. */
  readonly named: Readonly<Record<string, string>>;
  /** The system's time zone, where no variable says another. */
  readonly zone: string | null;
}

export interface EnvironmentOptions {
  readonly environment: Environment;
  readonly root: string;
  /** Names that the tree's files mention. */
  readonly mentioned: ReadonlySet<string>;
  /** Words of the tree's scripts and commands. */
  readonly words: ReadonlySet<string>;
  /** Names that the configuration adds. */
  readonly declared: readonly string[];
}

/**
 * The part of the environment on which results may depend. All of it would be safe, and of no use: a shell, a hook and a package
 * manager each have variables of their own. Values in which the root stands are the same in every worktree.
 */
export function readEnvironment({ environment, root, mentioned, words, declared }: EnvironmentOptions): EnvironmentState {
  const wanted = new Set(declared);
  const variables: Record<string, string> = {};
  // `APP_${name}`, `${name}_URL`: of a name that is worked out, the beginning or the end stands in a file.
  const beginnings = [...mentioned].filter((name) => /^[A-Za-z].*_$/.test(name));
  const endings = [...mentioned].filter((name) => /^_[A-Za-z]/.test(name));
  for (const name of Object.keys(environment).sort()) {
    const value = environment[name];
    const matters = wanted.has(name) || mentioned.has(name) || (!NPM_OWN.test(name) && (DECLARED.test(name) || beginnings.some((beginning) => name.startsWith(beginning)) || endings.some((ending) => name.endsWith(ending))));
    if (value !== undefined && matters && name !== 'PATH') variables[name] = value.replaceAll(root, '<root>');
  }
  const folders = (environment.PATH ?? '').split(path.delimiter).filter((folder) => folder !== '' && !/[\\/](?:node_modules[\\/]\.bin|node-gyp-bin)[\\/]?$/.test(folder));
  const programs = Object.fromEntries(PROGRAMS.map((name) => [name, programAt(folders, name)]));
  const known = new Set(folders.flatMap((folder) => entriesOf(folder)).map((name) => (process.platform === 'win32' ? name.replace(/\.(?:exe|cmd)$/i, '') : name)));
  const named = Object.fromEntries([...words].filter((name) => known.has(name) && !Object.hasOwn(programs, name)).sort().map((name) => [name, programAt(folders, name)]));
  return { variables, path: folders.join(path.delimiter).replaceAll(root, '<root>'), programs, named, zone: (environment.TZ ?? '') === '' ? systemZone() : null };
}

/** As the system has it now: what a process that lives has been told of it may be old, and asking takes as long as all the rest. */
function systemZone(): string {
  const file = '/etc/localtime';
  return statIfThere(file)?.isFile() === true ? `${realpathSync(file)} ${digestOf(readFileSync(file))}` : 'none';
}

function programAt(folders: readonly string[], name: string): string {
  for (const folder of folders) {
    for (const end of process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']) {
      const stats = statIfThere(path.join(folder, name + end));
      if (stats?.isFile() === true && (process.platform === 'win32' || (stats.mode & 0o111) !== 0)) return `${realpathSync(path.join(folder, name + end))} ${String(stats.size)} ${String(stats.mtimeMs)}`;
    }
  }
  return 'none';
}

function statIfThere(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch (error) {
    if (isMissing(error) || (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ELOOP'))) return null;
    throw error;
  }
}
