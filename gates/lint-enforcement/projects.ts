import type { TypeScriptProject } from '../../src/model/workspace.ts';

/**
 * Splits files by the TypeScript project whose program typed rules will most likely use: the nearest one that includes the
 * file. `null` holds those that no project includes.
 */
export function byTypeScriptProject(files: readonly string[], projects: readonly TypeScriptProject[]): Map<string | null, string[]> {
  const nearestLast = [...projects].sort((a, b) => folderOf(a.config).length - folderOf(b.config).length || rank(a.config) - rank(b.config));
  const owner = new Map<string, string>();
  for (const { config, files: included } of nearestLast) for (const file of included) owner.set(file, config);
  const parts = new Map<string | null, string[]>();
  for (const file of files) {
    const config = owner.get(file) ?? null;
    const part = parts.get(config) ?? [];
    parts.set(config, part);
    part.push(file);
  }
  return parts;
}

function folderOf(config: string): string {
  return config.slice(0, Math.max(config.lastIndexOf('/'), 0));
}

/** The name that tools look for goes last, so that it wins over its neighbours. */
function rank(config: string): number {
  return config.endsWith('tsconfig.json') ? 1 : 0;
}
