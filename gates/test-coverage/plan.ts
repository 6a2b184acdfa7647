import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { planSuites } from '../engines/test-runner/plan-suites.ts';

export function planTests(context: PlanContext<'test_coverage'>): GatePlan {
  const { workspace, settings } = context;
  if (workspace.setupProblem !== null) return { checks: [], notes: [{ status: 'error', reason: workspace.setupProblem }] };
  if (!workspace.testSuites.some(({ role }) => role === 'unit')) return { checks: [], notes: [{ status: 'skipped', reason: 'no tests found' }] };
  return planSuites(context, {
    gate: 'test_coverage',
    role: 'unit',
    coverage: true,
    narrow: true,
    timeLimitMs: settings.timeLimitMs,
    args: settings.args,
    configFile: settings.configFile ?? null,
  });
}
