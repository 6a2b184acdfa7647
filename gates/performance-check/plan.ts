import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { installedVersion } from '../engines/bundled.ts';
import { rulesRequests } from '../engines/rules/request.ts';

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

function measurement(name: string, timeLimitMs: number): Pick<CheckRequest, 'name' | 'gate' | 'engineOrigin' | 'workspaceWide' | 'expectedMs' | 'timeLimitMs'> {
  return { name, gate: 'performance_check', engineOrigin: 'bundled', workspaceWide: false, expectedMs: 1_500, timeLimitMs };
}
