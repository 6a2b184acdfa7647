import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import { brokenManifests } from '../engines/broken-manifests.ts';
import { foreseeMissingRunners } from '../engines/missing-runner.ts';
import { planSuites } from '../engines/test-runner/plan-suites.ts';
import type { SuiteRun } from '../engines/test-runner/suite-run.ts';
import type { ImportsParams } from './check-imports.ts';

export type IntegrationParams = ImportsParams | { readonly kind: 'installed' } | (SuiteRun & { readonly kind?: undefined });

export function planIntegration(context: PlanContext<'integration_test'>): GatePlan {
  const { workspace, settings } = context;
  const suites = settings.suite
    ? planSuites(context, { gate: 'integration_test', role: 'integration', coverage: false, narrow: false, timeLimitMs: settings.timeLimitMs, args: [], configFile: null })
    : { checks: [], notes: [] };
  const checks = [
    ...(settings.imports || settings.cycles !== 'off' ? [importsCheck(context)] : []),
    ...(workspace.setupProblem === null ? [...foreseeMissingRunners(suites.checks), ...(settings.installed && workspace.packages.length > 0 ? [installedCheck(context)] : [])] : []),
  ].filter((check) => check !== null);
  const setup = workspace.setupProblem === null ? [] : [{ status: 'error' as const, reason: workspace.setupProblem }];
  const noSuite = settings.suite && suites.checks.length === 0 ? [{ status: 'skipped' as const, reason: 'the project has no integration suite' }] : [];
  return { checks, notes: [...setup, ...brokenManifests(context), ...noSuite] };
}

function importsCheck(context: PlanContext<'integration_test'>): CheckRequest | null {
  const { teams, files, removed, settings } = context;
  const { runtimeEdges, unresolved } = context.graph();
  // What led to a file that a team removed is that team's to mend, wherever it stands.
  const concerned = removed.length === 0 ? new Set(files) : new Set([...files, ...context.graph().dependentsOf(removed)]);
  const sources = files.filter((file) => /\.(?:[cm]?[jt]sx?|vue|svelte|astro)$/.test(file));
  if (sources.length === 0) return null;
  const params: ImportsParams = {
    kind: 'imports',
    unresolved: settings.imports ? unresolved.filter(({ file }) => concerned.has(file)) : [],
    edges: settings.cycles === 'off' ? [] : runtimeEdges,
    cycles: settings.cycles,
    owners: teams.flatMap((team) => team.files.map((file) => [file, team.name] as const)),
  };
  return { ...base(settings), name: 'imports', engine: 'imports', title: 'imports and import cycles', files: sources, workspaceWide: false, expectedMs: 50, inputs: 'files', params };
}

function installedCheck({ workspace, settings }: PlanContext<'integration_test'>): CheckRequest {
  const manifests = workspace.packages.map(({ folder }) => (folder === '' ? 'package.json' : `${folder}/package.json`));
  return { ...base(settings), name: 'installed', engine: 'semver', title: 'installed packages', files: manifests, workspaceWide: true, expectedMs: 1_500, inputs: 'packages', params: { kind: 'installed' } };
}

function base(settings: { readonly timeLimitMs: number }) {
  return { gate: 'integration_test', engineVersion: null, engineOrigin: 'bundled', timeLimitMs: settings.timeLimitMs } as const;
}
