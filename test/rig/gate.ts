import { systemTestEnvironment } from './environment.ts';
import type { Project } from './project.ts';
import { createRunContext } from '../../workers/run-context.ts';
import { GATES } from '../../gates/index.ts';
import { configSchema, type UserConfig } from '../../src/model/config.ts';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import type { GateId } from '../../src/model/gate.ts';
import { resolveSettings } from '../../src/model/preset.ts';
import { buildPlan, type Plan } from '../../src/runner/plan.ts';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import { discoverWorkspace } from '../../src/workspace/discover.ts';
import { buildImportGraph } from '../../src/workspace/import-graph.ts';
import { resolveTeams } from '../../src/workspace/teams.ts';

export interface GateRunOptions {
  readonly teams?: Readonly<Record<string, readonly string[]>>;
  readonly config?: UserConfig;
  readonly signal?: AbortSignal;
  readonly slots?: number;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Memory of a lane that outlives this run, for all of its checks. */
  readonly warm?: Pick<RunContext, 'lane' | 'kept'>;
}

export interface GateRun {
  readonly plan: Plan;
  readonly outcomes: readonly { readonly check: Check; readonly outcome: CheckOutcome }[];
}

/** Discovers a real project, plans one gate, and runs its checks in this process, one after another. No pool, no verdicts. */
export async function runGate(project: Project, gate: GateId, options: GateRunOptions = {}): Promise<GateRun> {
  const environment = { ...systemTestEnvironment(), ...options.environment };
  const settings = resolveSettings(configSchema.parse(options.config ?? {}));
  const workspace = await discoverWorkspace({ cwd: project.root, base: settings.base, exclude: settings.exclude, environment });
  const resolved = resolveTeams({ workspace, commandLine: options.teams ?? null, config: settings.teams, paths: [], cwd: project.root });
  if (!resolved.ok) throw new Error(resolved.problem);
  const plan = await buildPlan({ workspace, teams: resolved.teams, settings, gates: [gate], registry: GATES, graph: () => buildImportGraph(workspace) });
  const tempRoot = await makeTempFolder();
  const lanes = new Map<string, Map<string, unknown>>();
  const outcomes: { check: Check; outcome: CheckOutcome }[] = [];
  try {
    for (const check of plan.checks) {
      const key = check.lane ?? check.id;
      const lane = options.warm?.lane ?? lanes.get(key) ?? new Map<string, unknown>();
      lanes.set(key, lane);
      const signal = options.signal ?? new AbortController().signal;
      const context = createRunContext({ workspace, environment, signal, isCancelled: () => signal.aborted, lane, kept: options.warm?.kept ?? undefined, slots: options.slots ?? 2, tempRoot });
      outcomes.push({ check, outcome: await GATES[gate].run(check, context) });
    }
  } finally {
    await removeTempFolder(tempRoot);
  }
  return { plan, outcomes };
}
