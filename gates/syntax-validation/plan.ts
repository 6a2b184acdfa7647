import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { installedVersion } from '../engines/bundled.ts';

/** Enough files to make starting a check worth it, few enough that a large repository keeps every worker busy. */
const FILES_PER_CHECK = 1000;

export function planSyntax(context: PlanContext<'syntax_validation'>): GatePlan {
  const { files, settings } = context;
  if (files.length === 0) return { checks: [], notes: [{ status: 'skipped', reason: 'no files to parse' }] };
  const parts = Math.ceil(files.length / FILES_PER_CHECK);
  const checks = Array.from({ length: parts }, (_, index): CheckRequest => {
    const slice = files.slice(index * FILES_PER_CHECK, (index + 1) * FILES_PER_CHECK);
    return {
      name: `parse:${String(index + 1)}`,
      gate: 'syntax_validation',
      engine: 'oxc-parser',
      engineVersion: installedVersion('oxc-parser'),
      engineOrigin: 'bundled',
      title: parts === 1 ? 'syntax of all files' : `syntax of all files, part ${String(index + 1)} of ${String(parts)}`,
      files: slice,
      workspaceWide: false,
      expectedMs: 100 + slice.length,
      timeLimitMs: settings.timeLimitMs,
      inputs: 'files',
      params: null,
    };
  });
  return { checks, notes: [] };
}
