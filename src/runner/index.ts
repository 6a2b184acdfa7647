export { executeRun, type ExecuteOptions } from './execute.ts';
export { arrangeLanes, type Lane } from './lanes.ts';
export type { Cell, Plan } from './plan.ts';
export { describeBudget } from './open-budget.ts';
export { prepareRun, type PreparedRun, type PrepareResult, type RunRequest } from './prepare.ts';
