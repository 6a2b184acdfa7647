import path from 'node:path';

/** Absolute: where Claude Code keeps what it knows of its user; null where there is no home. */
export function clientFolder({ CLAUDE_CONFIG_DIR: own, HOME, USERPROFILE }: Readonly<Record<string, string | undefined>>): string | null {
  const home = [HOME, USERPROFILE].find((folder) => folder !== undefined && folder !== '');
  if (own !== undefined && own !== '') return path.resolve(own);
  return home === undefined ? null : path.join(home, '.claude');
}
