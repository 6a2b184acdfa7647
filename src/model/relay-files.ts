import path from 'node:path';

/**
 * What the files of the relay are called. Everything of it lies in one folder, under the main worktree's root also for those
 * who work in a linked one: teams must meet somewhere.
 */
export const RELAY_FOLDER = '.claude/workflows';

export const COORDINATION_FILE = 'multi_task_coordination.json';
export const EVENTS_FILE = 'events.ndjson';

/** What a broken file is kept as: `<name>.broken-<n>`. */
export const ASIDE_MARK = '.broken-';

/** Absolute. `configured` is relative to the main worktree's root, which is absolute. */
export function relayFolder(mainRoot: string, configured: string): string {
  return path.resolve(mainRoot, configured);
}

/** The name of a team's context file: `team1` → `team1_current_task.json`. */
export function contextFile(team: string): string {
  return `${team}_current_task.json`;
}

/** The team whose context a file of that name is, or null when it is none. */
export function teamOfContextFile(name: string): string | null {
  return /^(team[1-9]\d*)_current_task\.json$/.exec(name)?.[1] ?? null;
}

const OWN_FILE = /^(?:team\d+_current_task\.json|multi_task_coordination\.json|file_locks\.json|agents\.json|hook_agents\.json|report\.(?:json|md)|[^/]*\.ndjson)(?:\.broken-\d+)?$/;
const OWN_FOLDER = /^(?:\.staging|agent-output|[^/]*\.lock)\//;

/** The same for git; what lies beside is the project's. */
export const IGNORED_BY_GIT: readonly string[] = [
  '/team*_current_task.json*', '/multi_task_coordination.json*', '/file_locks.json*', '/agents.json*', '/hook_agents.json*', '/report.json*', '/report.md*', '/*.ndjson*',
  '/.staging/', '/agent-output/', '/*.lock/', '/.gitignore',
];

/**
 * Whether `file` is one that the relay or the leases write: no gate looks at those, they change with every phase. What else
 * lies in the folder, such as a task source, is the project's. Both paths posix, relative to the same root.
 */
export function isRelayFile(file: string, folder: string): boolean {
  const normal = path.posix.normalize(folder).replace(/\/$/, '');
  const prefix = normal === '.' ? '' : `${normal}/`;
  if (!file.startsWith(prefix)) return false;
  const name = file.slice(prefix.length);
  return OWN_FILE.test(name) || OWN_FOLDER.test(name);
}
