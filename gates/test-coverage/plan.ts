import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { brokenManifests } from '../engines/broken-manifests.ts';
import { foreseeMissingRunners } from '../engines/missing-runner.ts';
import { planSuites } from '../engines/test-runner/plan-suites.ts';

export function planTests(context: PlanContext<'test_coverage'>): GatePlan {
  const { workspace, settings } = context;
  if (workspace.setupProblem !== null) return { checks: [], notes: [{ status: 'error', reason: workspace.setupProblem }] };
  const broken = brokenManifests(context);
  if (!workspace.testSuites.some(({ role }) => role === 'unit')) return { checks: [], notes: [...broken, { status: 'skipped', reason: 'no tests found' }] };
  const { checks, notes } = planSuites(context, {
    gate: 'test_coverage',
    role: 'unit',
    coverage: true,
    narrow: true,
    timeLimitMs: settings.timeLimitMs,
    args: settings.args,
    configFile: settings.configFile ?? null,
  });
  return { checks: foreseeMissingRunners(checks), notes: [...broken, ...notes] };
}
