import path from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { Leases } from '../locks/leases.ts';
import type { Settings } from '../model/config.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import { LIMITS } from '../model/limits.ts';
import { resolveSettings } from '../model/preset.ts';
import { relayFolder, RELAY_FOLDER } from '../model/relay-files.ts';
import { SILENT_VARIABLE } from '../orchestrator/execution/agent-process.ts';
import { joinMeasurements } from '../orchestrator/execution/join-measurements.ts';
import { leaseView } from '../orchestrator/lease-view.ts';
import { MultiTeamOrchestrator, type OrchestratorStore } from '../orchestrator/multi-team-orchestrator.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import type { Measured } from '../orchestrator/phase-gates.ts';
import type { Reach } from '../orchestrator/reach.ts';
import { relayStore } from '../orchestrator/relay-store.ts';
import { activeTasks, allTasks } from '../orchestrator/relay-state.ts';
import { Relay } from '../relay/relay.ts';
import { printable } from '../reporters/pretty/text.ts';
import { systemDisk } from '../system/disk.ts';
import { statIfThere } from '../system/read-text.ts';
import { shellWord } from '../system/shell-word.ts';
import { loadConfig } from '../workspace/config-file.ts';
import { findRoot, findWorktrees } from '../workspace/root.ts';
import type { CommandContext } from './command-context.ts';
import { measureTeams, type Assigned } from './measure-teams.ts';

/** What every command around the relay can be told. */
export interface RelayOptions {
  readonly cwd?: string;
  readonly relay?: string;
  readonly config?: string;
  /** In ms; only where an executor says how long its agents may be silent. */
  readonly silent?: number;
}

/** Everything that the commands around the relay work with. */
export interface Orchestration {
  /** Absolute: what paths that somebody typed are relative to. */
  readonly cwd: string;
  /** Absolute: the tree that the gates look at. */
  readonly root: string;
  /** Absolute: where the relay and the tasks are, also for a linked worktree. */
  readonly mainRoot: string;
  /** Absolute. */
  readonly folder: string;
  readonly settings: Settings;
  readonly relay: Relay;
  readonly store: OrchestratorStore;
  /** Of the same folder; all worktrees of the repository share them. */
  readonly leases: Leases;
  /** A team without a sign of life for longer is taken for crashed. */
  readonly silentMs: number;
  readonly orchestrator: MultiTeamOrchestrator;
  /** The gates of this tree, one run at a time. */
  readonly measure: (team: string, gates: readonly GateId[]) => Promise<Measured>;
  readonly reach: Reach;
}

export function addRelayOptions(command: Command): Command {
  return command
    .option('--relay <dir>', `the relay's folder (default: "relay" of the configuration, else ${RELAY_FOLDER}, of the main worktree)`, parsePath)
    .option('--config <file>', 'configuration file (default: spark-gates.config.* or package.json in the root)', parsePath)
    .option('--cwd <dir>', 'a folder of the repository, which paths are relative to (default: this one)', parsePath);
}

/** An empty one comes of a variable that is not set, and would mean the present folder. */
export function parsePath(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It is empty; give a path, or leave the option out.');
  return value;
}

/** The one place that decides which relay a command is about. Throws `WorkspaceError` or `OrchestratorTrouble` where there is none to speak of. */
export async function openOrchestration(options: RelayOptions, context: CommandContext): Promise<Orchestration> {
  const { environment, clock, stderr, signal } = context;
  const cwd = path.resolve(context.cwd, options.cwd ?? '.');
  const located = await findRoot(cwd, environment);
  const { root, mainRoot } = located;
  const loaded = await loadConfig({ root, explicit: options.config ?? null, cwd });
  if (!loaded.ok) throw new OrchestratorTrouble(loaded.problem);
  const settings = resolveSettings(loaded.config);
  const folder = options.relay === undefined ? relayFolder(mainRoot, settings.relay) : path.resolve(cwd, options.relay);
  await refuseFile(folder);
  const relay = Relay.open({ folder, clock, signal });
  const store = relayStore(relay, (sentence) => { stderr.write(`spark-gates: ${printable(sentence).replaceAll(/\s*\n\s*/g, ' ')}\n`); });
  const leases = new Leases({ folder, clock, disk: systemDisk, roots: await findWorktrees(located, environment) });
  const measure = joinMeasurements(measureTeams({
    cwd: root,
    config: options.config === undefined ? null : path.resolve(cwd, options.config),
    relay: path.relative(mainRoot, folder).split(path.sep).join('/'),
    isOff: (gate) => settings.gates[gate].level === 'off',
    assigned: () => assignedFiles(store),
    context,
    onMeasuring: (teams, gates) => { stderr.write(`spark-gates: measuring ${gates.length === GATE_IDS.length ? 'all eight gates' : gates.join(', ')} for ${teams.join(', ')}\n`); },
  }));
  // Who does not say goes by the session's own limit, which is that of the executor beside it.
  const said = options.silent ?? silentFrom(environment);
  const silentMs = said ?? LIMITS.agentSilentMs;
  const reach = reachOf({ options, cwd, root, folder });
  const orchestrator = new MultiTeamOrchestrator({ store, leases: leaseView(leases), measure, clock, ...(said === null ? {} : { silentMs: said }), reach });
  return { cwd, root, mainRoot, folder, settings, relay, store, leases, silentMs, orchestrator, measure, reach };
}

/** A command that an agent calls knows by it what the agent's executor goes by. */
function silentFrom(environment: CommandContext['environment']): number | null {
  const seconds = Number(environment[SILENT_VARIABLE] ?? '');
  return seconds > 0 && Number.isFinite(seconds) ? Math.ceil(seconds * 1000) : null;
}

/** A folder below a file looks like one that is still to be made, and would be read as an empty one. */
async function refuseFile(folder: string): Promise<void> {
  const stat = await statIfThere(folder);
  if (stat?.isDirectory() === false) throw new OrchestratorTrouble(`${folder} is a file; give a folder for the relay`);
  if (stat === null && path.dirname(folder) !== folder) await refuseFile(path.dirname(folder));
}

/** Agents may be started from anywhere, so what somebody typed to get here is told to them in full; what is found without, is not. */
function reachOf({ options, cwd, root, folder }: { readonly options: RelayOptions; readonly cwd: string; readonly root: string; readonly folder: string }): Reach {
  const words = [
    ...(options.cwd === undefined ? [] : ['--cwd', shellWord(root)]),
    ...(options.config === undefined ? [] : ['--config', shellWord(path.resolve(cwd, options.config))]),
    ...(options.relay === undefined ? [] : ['--relay', shellWord(folder)]),
  ];
  const isNear = options.cwd === undefined && folder.startsWith(root + path.sep);
  return { folder: isNear ? path.relative(root, folder).split(path.sep).join('/') : folder, options: words.join(' ') };
}

export async function assignedFiles(store: OrchestratorStore): Promise<Assigned> {
  const read = await store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  const { coordination } = read.value;
  if (coordination === null) return { teams: {}, abandoned: [], startedMs: 0 };
  const abandoned = allTasks(coordination).filter(([, row]) => row.status === 'failed' || (row.status === 'queued' && row.attempts > 0));
  return {
    teams: Object.fromEntries(activeTasks(coordination).map(([, row]) => [row.team, row.files])),
    abandoned: abandoned.flatMap(([, row]) => row.files),
    startedMs: coordination.started_at === null ? 0 : Date.parse(coordination.started_at),
  };
}
