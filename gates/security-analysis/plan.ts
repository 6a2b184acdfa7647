import path from 'node:path';
import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext, PlanNote } from '../../src/model/gate.ts';
import type { Workspace } from '../../src/model/workspace.ts';
import { readTextIfThere } from '../../src/system/read-text.ts';
import { installedVersion } from '../engines/bundled.ts';
import { rulesRequests } from '../engines/rules/request.ts';

type Context = PlanContext<'security_analysis'>;

/** A registry that does not answer must not hold the gate up. */
const AUDIT_TIME_LIMIT_MS = 60_000;

const SECRETLINT_IGNORE = '.secretlintignore';
const SECRETLINT_CONFIG = /^\.secretlintrc(?:\.(?:json|ya?ml|[cm]?js))?$/;

export function planSecurity(context: Context): GatePlan {
  const { settings, workspace, files } = context;
  const lockfile = planLockfile(context);
  const audit = planAudit(context);
  const { patterns, timeLimitMs } = settings;
  const checks = [
    ...(settings.secrets && files.length > 0 ? [planSecrets(workspace, files, timeLimitMs)] : []),
    ...(patterns === 'off' ? [] : rulesRequests({ gate: 'security_analysis', files, sets: ['security/hidden-text', `security/${patterns}`], timeLimitMs })),
    ...lockfile.checks,
    ...audit.checks,
  ];
  const notes = [...lockfile.notes, ...audit.notes];
  return { checks, notes: checks.length === 0 && notes.length === 0 ? [{ status: 'skipped', reason: 'nothing to look at' }] : notes };
}

function planSecrets(workspace: Workspace, files: readonly string[], timeLimitMs: number): CheckRequest {
  const config = secretlintConfig(workspace);
  const tool = config === null ? undefined : workspace.packages[0]?.tools.secretlint;
  return {
    name: 'secrets',
    gate: 'security_analysis',
    engine: 'secretlint',
    engineVersion: tool?.version ?? installedVersion('@secretlint/core'),
    engineOrigin: tool === undefined ? 'bundled' : 'project',
    title: 'credentials in all files',
    files,
    workspaceWide: false,
    expectedMs: 300 + 3 * files.length,
    timeLimitMs,
    // A configuration may name rules that are packages or files.
    ...(config === null ? { inputs: 'files', inputFiles: [SECRETLINT_IGNORE] } : { inputs: 'code' }),
    params: { tool: tool?.folder ?? null, config },
  };
}

/** Where secretlint itself would look, in its order. */
function secretlintConfig({ root, files }: Workspace): string | null {
  const file = files.find((one) => SECRETLINT_CONFIG.test(one));
  if (file !== undefined) return file;
  const manifest = files.includes('package.json') ? readTextIfThere(path.join(root, 'package.json')) : null;
  return manifest !== null && /"secretlint"\s*:\s*\{/.test(manifest) ? 'package.json' : null;
}

function planLockfile({ settings, workspace }: Context): GatePlan {
  if (!settings.lockfile || !declaresDependencies(workspace)) return { checks: [], notes: [] };
  const lockfile = workspace.packageManager?.lockfile ?? null;
  // A published package, or a library that keeps none on purpose: there is nothing to be unsound.
  if (lockfile === null) return { checks: [], notes: [skipped('no lockfile to check')] };
  return {
    checks: [{
      name: 'lockfile',
      gate: 'security_analysis',
      engine: `${workspace.packageManager?.name ?? 'npm'} lockfile`,
      engineVersion: null,
      engineOrigin: 'bundled',
      title: `soundness of ${lockfile}`,
      files: [lockfile],
      workspaceWide: true,
      expectedMs: 200,
      timeLimitMs: settings.timeLimitMs,
      inputs: 'packages',
      params: null,
    }],
    notes: [],
  };
}

function planAudit({ settings, workspace }: Context): GatePlan {
  if (settings.audit === 'off' || !declaresDependencies(workspace)) return { checks: [], notes: [] };
  const manager = workspace.packageManager;
  if (manager === null || manager.lockfile === null) return { checks: [], notes: [skipped('no audit: there is no lockfile')] };
  if (manager.name !== 'npm' && manager.name !== 'pnpm') return { checks: [], notes: [skipped(`no audit: ${manager.name}'s is not supported`)] };
  return {
    checks: [{
      name: 'audit',
      gate: 'security_analysis',
      engine: `${manager.name} audit`,
      engineVersion: null,
      engineOrigin: 'project',
      title: 'known vulnerabilities of the installed packages',
      files: [manager.lockfile],
      workspaceWide: true,
      expectedMs: 2_000,
      timeLimitMs: Math.min(settings.timeLimitMs, AUDIT_TIME_LIMIT_MS),
      inputs: 'packages',
      params: { manager: manager.name, level: settings.audit },
    }],
    notes: [],
  };
}

function declaresDependencies(workspace: Workspace): boolean {
  return workspace.packages.some((one) => [one.dependencies, one.devDependencies, one.optionalDependencies].some((list) => Object.keys(list).length > 0));
}

function skipped(reason: string): PlanNote {
  return { status: 'skipped', reason };
}
