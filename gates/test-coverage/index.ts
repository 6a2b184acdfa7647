import type { Gate, PlanContext, GatePlan } from '../../src/model/gate.ts';
import { planSuites } from '../engines/test-runner/plan-suites.ts';
import { runSuite } from '../engines/test-runner/run-suite.ts';
import type { SuiteRun } from '../engines/test-runner/suite-run.ts';
import { assessCoverage } from './assess-coverage.ts';

/** The tests related to the teams' files, in the project's own runner, once for all teams; and what they cover. */
export const testCoverage: Gate<'test_coverage'> = {
  id: 'test_coverage',
  title: 'Tests',
  proves: "the tests related to the team's files pass and cover them",
  plan,
  run: (check, context) => runSuite(check.parts[0]?.params as SuiteRun, 'test_coverage', context),
  assess: assessCoverage,
};

function plan(context: PlanContext<'test_coverage'>): GatePlan {
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
