import path from 'node:path';
import type { LockResult } from '../../src/model/lock-refusal.ts';
import { Leases, type LeasesOptions } from '../../src/locks/leases.ts';
import { systemDisk } from '../../src/system/disk.ts';
import type { Project } from '../rig/project.ts';

export const START_MS = Date.parse('2026-01-05T10:00:00Z');

/** A clock that moves when it is told to. */
export class HeldClock {
  nowMs = START_MS;
  now = (): number => this.nowMs;
  monotonicMs = (): number => performance.now();
}

export function relayOf(project: Project): string {
  return path.join(project.root, '.claude', 'workflows');
}

export function tableOf(project: Project): string {
  return path.join(relayOf(project), 'file_locks.json');
}

/** The leases of a project as one of its processes has them, with the clock held unless another is given. */
export function leasesOf(project: Project, change: Partial<LeasesOptions> = {}): { leases: Leases; clock: HeldClock } {
  const clock = new HeldClock();
  return { leases: new Leases({ folder: relayOf(project), roots: [project.root], clock, disk: systemDisk, ...change }), clock };
}

/** The value of what must have worked. */
export function valueOf<T>(result: LockResult<T>): T {
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.refusal)}`);
  return result.value;
}
