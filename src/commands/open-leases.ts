import path from 'node:path';
import { Leases } from '../locks/leases.ts';
import { systemDisk } from '../system/disk.ts';
import { findRoot, findWorktrees } from '../workspace/root.ts';
import type { CommandContext } from './command-context.ts';

export interface RelayOptions {
  readonly relay?: string;
  readonly cwd?: string;
}

/** The leases of the repository around the folder; all its worktrees share them. Throws `WorkspaceError` where there is no folder. */
export async function openLeases(options: RelayOptions, context: Pick<CommandContext, 'cwd' | 'environment' | 'clock'>): Promise<Leases> {
  const root = await findRoot(folderOf(options, context), context.environment);
  const roots = await findWorktrees(root, context.environment);
  const folder = options.relay === undefined ? path.join(root.mainRoot, '.claude', 'workflows') : path.resolve(context.cwd, options.relay);
  return new Leases({ folder, roots, clock: context.clock, disk: systemDisk });
}

/** Not normalised: what `..` means after a link is for the file system to say. */
export function toAbsolute(file: string, options: RelayOptions, context: Pick<CommandContext, 'cwd'>): string {
  return path.isAbsolute(file) ? file : `${folderOf(options, context)}${path.sep}${file}`;
}

function folderOf({ cwd }: RelayOptions, context: Pick<CommandContext, 'cwd'>): string {
  return cwd === undefined ? context.cwd : path.resolve(context.cwd, cwd);
}
