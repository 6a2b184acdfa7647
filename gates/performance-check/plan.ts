import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { TEST_RUN_LOCK } from '../../src/model/worker-message.ts';
import { installedVersion } from '../engines/bundled.ts';
import { rulesRequests } from '../engines/rules/request.ts';
import { planBenchmarks } from './plan-benchmarks.ts';

type Context = PlanContext<'performance_check'>;

export function planPerformance(context: Context): GatePlan {
  const { settings, files } = context;
  const { hazards, timeLimitMs } = settings;
  const checks: CheckRequest[] = [
    ...(hazards === 'off' ? [] : rulesRequests({ gate: 'performance_check', files, sets: [`performance/${hazards}`], timeLimitMs })),
    ...settings.bundles.map((bundle): CheckRequest => ({
      ...measurement(`bundle:${bundle.entry}`, timeLimitMs), engine: 'esbuild', engineVersion: installedVersion('esbuild'), title: `bundle size of ${bundle.entry}`, files: [bundle.entry], params: bundle,
    })),
    ...settings.loadTimes.map((loadTime): CheckRequest => ({
      // A test suite beside it would be measured, too.
      ...measurement(`load-time:${loadTime.entry}`, timeLimitMs), engine: 'node', engineVersion: process.versions.node, title: `load time of ${loadTime.entry}`, files: [loadTime.entry], params: loadTime, locks: [TEST_RUN_LOCK],
    })),
  ];
  const benchmarks = planBenchmarks(context);
  const nothing = checks.length + benchmarks.checks.length + benchmarks.notes.length === 0;
  return {
    checks: [...checks, ...benchmarks.checks],
    notes: nothing ? [{ status: 'skipped', reason: 'no sources, and no budget is configured' }] : benchmarks.notes,
  };
}

function measurement(name: string, timeLimitMs: number): Pick<CheckRequest, 'name' | 'gate' | 'engineOrigin' | 'workspaceWide' | 'expectedMs' | 'timeLimitMs'> {
  return { name, gate: 'performance_check', engineOrigin: 'bundled', workspaceWide: false, expectedMs: 1_500, timeLimitMs };
}
