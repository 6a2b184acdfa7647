import { createHash } from 'node:crypto';
import path from 'node:path';
import { BudgetFile, BudgetUnavailable, PrivateBudget } from '../locks/budget-store.ts';
import type { BudgetRow } from '../locks/budget-table.ts';
import type { BudgetCapacity } from '../locks/decide-budget.ts';
import { MachineBudget } from '../locks/machine-budget.ts';
import { BUDGET_LIMITS } from '../model/limits.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import type { Clock } from '../system/clock.ts';
import { systemDisk } from '../system/disk.ts';
import { CORES_VARIABLE, describeHost, describeProcess, type Machine } from '../system/machine.ts';

const MEGABYTE = 1024 * 1024;

export interface BudgetPlace {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly machine: Machine;
  readonly clock: Clock;
}

export interface OpenBudget {
  readonly budget: MachineBudget;
  readonly capacity: BudgetCapacity;
  /** Its cores were granted by whoever started this process, and are no part of the machine's any more. */
  readonly isGranted: boolean;
}

/** What this process shares with all others of its user on this machine, or has by itself where there is no place to share. */
export async function openBudget({ environment, machine, clock }: BudgetPlace): Promise<OpenBudget> {
  const granted = grantedCores(environment);
  const capacity = capacityOf({ ...machine, cores: granted ?? machine.cores });
  const folder = granted === null ? cacheFolder(environment) : null;
  const store = folder === null ? new PrivateBudget() : new BudgetFile(await budgetFile(folder), systemDisk);
  const trouble = granted === null && folder === null ? 'there is no folder for it: set HOME or XDG_CACHE_HOME' : null;
  return { budget: new MachineBudget({ store, capacity, self: await describeProcess(), clock, trouble }), capacity, isGranted: granted !== null };
}

/** Who has what of this machine, for people. */
export async function describeBudget(place: BudgetPlace): Promise<string> {
  const { budget, capacity, isGranted } = await openBudget(place);
  const all = `${counted(capacity.cores, 'core')} and ${String(capacity.megabytes)} MB`;
  if (isGranted) return `${counted(capacity.cores, 'core')} by ${CORES_VARIABLE}, not shared with other runs`;
  try {
    const rows = (await budget.rows()).map((row) => describeRow(row, place.clock.now()));
    if (budget.trouble !== null) return `${all}, not shared with other runs: ${budget.trouble}`;
    return [`${all} for all runs`, ...(rows.length === 0 ? ['nobody holds any'] : rows)].join('; ');
  } catch (error) {
    if (error instanceof BudgetUnavailable) return `${all}, not shared with other runs: ${error.message}`;
    throw error;
  }
}

function describeRow({ pid, state, cores, extras, megabytes, what, since_ms: sinceMs }: BudgetRow, nowMs: number): string {
  const has = state === 'held' ? `has ${counted(cores + extras, 'core')} and ${String(megabytes)} MB` : 'waits';
  return `process ${String(pid)} ${has} since ${String(Math.max(0, Math.round((nowMs - sinceMs) / 1000)))} s for ${what}`;
}

function counted(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}

function capacityOf({ cores, memoryBytes }: Machine): BudgetCapacity {
  return { cores, extras: cores - 1, megabytes: Math.floor((memoryBytes * BUDGET_LIMITS.memoryShare) / MEGABYTE) };
}

/** Its name holds what else could see the same folder and not the same processes: another machine, a container. */
async function budgetFile(folder: string): Promise<string> {
  const host = createHash('sha256').update(await describeHost()).digest('hex').slice(0, 16);
  return path.join(folder, 'budget', `${host}.json`);
}

/** Null where nobody has granted any: then they are taken from the machine. */
function grantedCores(environment: BudgetPlace['environment']): number | null {
  const cores = Number(environment[CORES_VARIABLE]);
  return Number.isSafeInteger(cores) && cores >= 1 ? cores : null;
}
