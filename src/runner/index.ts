export { executeRun, type ExecuteOptions } from './execute.ts';
export { arrangeLanes, type Lane } from './lanes.ts';
export type { Cell, Plan } from './plan.ts';
export { makeLanePool } from './make-pool.ts';
export type { LanePool } from './pool.ts';
export { prepareCached, type CachedPrepareResult } from './prepare-cached.ts';
export { describeBudget } from './open-budget.ts';
export { prepareRun, type PreparedRun, type PrepareResult, type RunRequest } from './prepare.ts';
