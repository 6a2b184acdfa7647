import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { GateId } from '../../src/model/gate.ts';
import { prepareCached } from '../../src/runner/index.ts';
import { systemClock, type Clock } from '../../src/system/clock.ts';
import { systemTestEnvironment } from './environment.ts';

export interface CacheLook {
  /** A folder of the tree. */
  readonly cwd: string;
  /** Where everything is kept. */
  readonly cacheHome: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  /** All where it is absent. */
  readonly gates?: readonly GateId[];
}

/** Which checks of a run would be found, and why each of the others would not. Runs nothing, keeps nothing. */
export async function lookAt(look: CacheLook): Promise<{ readonly hits: readonly string[]; readonly misses: Readonly<Record<string, string>> }> {
  const { prepared, cache } = await prepare(look);
  const hits = await cache.lookUp(prepared.plan.checks, prepared.workspace);
  return { hits: [...hits.keys()], misses: Object.fromEntries(await cache.explain(prepared.workspace)) };
}

/**
 * Keeps an outcome for every check as if it had run, without any engine: what is looked at here is when it is found again.
 * `meanwhile` is done between the two looks at the tree. Returns why some were not kept.
 */
export async function seed(look: CacheLook, outcomeOf: (check: Check) => CheckOutcome = clean, meanwhile?: () => Promise<void>): Promise<Readonly<Record<string, string>>> {
  const { prepared, cache } = await prepare(look);
  const hits = await cache.lookUp(prepared.plan.checks, prepared.workspace);
  await meanwhile?.();
  cache.record(prepared.plan.checks.map((check) => ({ check, outcome: hits.get(check.id)?.outcome ?? outcomeOf(check), durationMs: 5 })), prepared.workspace);
  return Object.fromEntries((await cache.settle()).reasons);
}

export function clean(check: Check): CheckOutcome {
  return { status: 'done', findings: [], inspected: { files: check.files } };
}

async function prepare({ cwd, cacheHome, environment, clock = systemClock, gates }: CacheLook) {
  const request = { cwd, config: null, preset: null, teams: null, paths: [], gates: gates ?? null, environment: { ...systemTestEnvironment(), XDG_CACHE_HOME: cacheHome, ...environment } };
  const result = await prepareCached(request, clock);
  if (!result.ok) throw new Error(result.problem);
  if (result.cache === null) throw new Error('there is no cache here');
  return { prepared: result.prepared, cache: result.cache };
}
