import { isRelayFile, teamOfContextFile } from '../model/relay-files.ts';
import { isSharedResource } from '../orchestrator/shared-resources.ts';
import { isAssigned, normalPath } from '../orchestrator/task-files.ts';

/** A task that a team is at work on, as far as it says who owns what. */
export interface OwningTask {
  readonly id: string;
  readonly team: string;
  readonly files: readonly string[];
}

/** What a file is to the team that is about to change it. */
export type Ownership =
  | { readonly kind: 'own' }
  /** Its own or nobody's, and one of those that several teams may have to touch: it needs the lease. */
  | { readonly kind: 'shared' }
  | { readonly kind: 'foreign'; readonly owner: OwningTask }
  /** Nobody's: it may be changed, and that is written down. */
  | { readonly kind: 'unowned' }
  /** One that spark-gates alone writes. */
  | { readonly kind: 'relay'; readonly detail: string };

/** `file` posix, from the root; `relay` the relay's folder likewise, null where that is outside the tree. */
export function ownershipOf(file: string, team: string, { tasks, relay }: { readonly tasks: readonly OwningTask[]; readonly relay: string | null }): Ownership {
  if (relay !== null && isRelayFile(file, relay)) return relayOwnership(file.slice(file.lastIndexOf('/') + 1), team);
  const isOwn = tasks.some((task) => task.team === team && isAssigned(file, task.files));
  const owner = tasks.find((task) => task.team !== team && isAssigned(file, task.files));
  if (isOwn) return { kind: owner !== undefined || isSharedResource(file) ? 'shared' : 'own' };
  // A glob over everything does not make its team the owner of what all teams may have to touch.
  if (owner !== undefined && (names(file, owner) || !isSharedResource(file))) return { kind: 'foreign', owner };
  return { kind: isSharedResource(file) ? 'shared' : 'unowned' };
}

/** Whether a task with these files is to change such a file; a glob over everything does not say so of what all teams may have to touch. */
export function isAssignedConfig(file: string, files: readonly string[]): boolean {
  return names(file, { files }) || (isAssigned(file, files) && !isSharedResource(file));
}

function names(file: string, { files }: Pick<OwningTask, 'files'>): boolean {
  return files.some((pattern) => normalPath(pattern) === file);
}

/** The specification has agents write into their own context; the relay takes that for what it is, a claim. */
function relayOwnership(name: string, team: string): Ownership {
  const whose = teamOfContextFile(name);
  if (whose === team) return { kind: 'own' };
  return { kind: 'relay', detail: whose === null ? 'spark-gates writes it itself: use the commands lock, phase and message' : `it is the context of ${whose}: tell that team by "spark-gates message"` };
}
