import type { Check, CheckOutcome, CheckRequest } from '../../src/model/check.ts';
import type { Gate, GatePlan, PlanContext } from '../../src/model/gate.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { installedVersion } from '../engines/bundled.ts';
import { runRules } from '../engines/rules/pass.ts';
import { RULES_CHECK, rulesRequests } from '../engines/rules/request.ts';
import { measureBundle } from './bundle.ts';
import { measureLoadTime } from './load-time.ts';

type Context = PlanContext<'performance_check'>;

export const performanceCheck: Gate<'performance_check'> = {
  id: 'performance_check',
  title: 'Performance',
  proves: 'budgets for bundles and load times hold; no code that is slow by construction',
  plan,
  run,
};

function plan(context: Context): GatePlan {
  const { settings, files } = context;
  const { hazards, timeLimitMs } = settings;
  const checks: CheckRequest[] = [
    ...(hazards === 'off' ? [] : rulesRequests({ gate: 'performance_check', files, sets: [`performance/${hazards}`], timeLimitMs })),
    ...settings.bundles.map((bundle): CheckRequest => ({
      ...measurement(`bundle:${bundle.entry}`, timeLimitMs), engine: 'esbuild', engineVersion: installedVersion('esbuild'), title: `bundle size of ${bundle.entry}`, files: [bundle.entry], params: bundle,
    })),
    ...settings.loadTimes.map((loadTime): CheckRequest => ({
      // A test suite beside it would be measured, too.
      ...measurement(`load-time:${loadTime.entry}`, timeLimitMs), engine: 'node', engineVersion: process.versions.node, title: `load time of ${loadTime.entry}`, files: [loadTime.entry], params: loadTime, locks: ['test-run'],
    })),
  ];
  const configured = settings.benchmarks.command !== undefined || settings.benchmarks.baseline !== undefined;
  return {
    checks,
    notes: [
      ...(configured ? [{ status: 'error' as const, reason: 'benchmarks are configured, but this version cannot measure them' }] : []),
      ...(checks.length === 0 && !configured ? [{ status: 'skipped' as const, reason: 'no sources, and no budget is configured' }] : []),
    ],
  };
}

function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  if (check.name.startsWith(RULES_CHECK)) return Promise.resolve(runRules(check, context));
  return check.name.startsWith('bundle:') ? measureBundle(check, context) : measureLoadTime(check, context);
}

function measurement(name: string, timeLimitMs: number): Pick<CheckRequest, 'name' | 'gate' | 'engineOrigin' | 'workspaceWide' | 'expectedMs' | 'timeLimitMs'> {
  return { name, gate: 'performance_check', engineOrigin: 'bundled', workspaceWide: false, expectedMs: 1_500, timeLimitMs };
}
