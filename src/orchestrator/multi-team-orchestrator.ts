import type { GateId } from '../model/gate.ts';
import { LIMITS } from '../model/limits.ts';
import type { Refusal } from '../model/orchestrator-refusal.ts';
import type { Clock } from '../system/clock.ts';
import { hasEnded, mirrorLeases, type LeaseView } from './coordination.ts';
import type { Effect, Outcome, ParallelExecution, TeamDecision } from './decision.ts';
import { endSession, type EndedSession } from './end-session.ts';
import { withHeartbeat } from './heartbeat.ts';
import { handleMultiImplement, type MultiImplement } from './multi-implement.ts';
import { NOTHING_MEASURED, type Measured } from './phase-gates.ts';
import { checkTeams, handleTeamCrash, recordActivity } from './recovery.ts';
import { PLAIN_REACH, type Reach } from './reach.ts';
import type { RelayState } from './relay-state.ts';
import { generateConsolidatedReport, type ConsolidatedReport, type ReportInput } from './report.ts';
import { agentStanding, leasesReleased, resume, type AgentStanding, type RunningAgent } from './resume.ts';
import { acceptCompletion, handleTeamCompletion, type Completion } from './team-completion.ts';
import { beginStep, stateAfter } from './step.ts';
import { recordMessage, type TeamMessage } from './team-messages.ts';

export type StoreResult<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: string };

/** What a step writes down: it is the event of the relay's log. */
export interface StoreEvent {
  readonly type: string;
  readonly team: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/** The relay, as far as the orchestrator needs it. `problem` is a sentence. */
export interface OrchestratorStore {
  read(): Promise<StoreResult<RelayState>>;
  /**
   * Changes all documents at once, or none. `work` only computes, and is called again with a newer state when another
   * writer came first; `state: null` leaves everything as it is, and logs nothing.
   */
  transact<T>(event: StoreEvent, work: (state: RelayState) => { readonly state: RelayState | null; readonly value: T }): Promise<StoreResult<T>>;
}

export interface OrchestratorLeases {
  releaseAll(team: string): Promise<void>;
  list(): Promise<readonly LeaseView[]>;
}

export interface OrchestratorOptions {
  readonly store: OrchestratorStore;
  readonly leases: OrchestratorLeases;
  /** Runs these gates for the team. What could not run is an `error` verdict, not an exception. Not called without gates. */
  readonly measure: (team: string, gates: readonly GateId[]) => Promise<Measured>;
  readonly clock: Clock;
  /** A team without a sign of life for longer is taken for crashed, in ms; the session's own limit when absent. */
  readonly silentMs?: number;
  /** For what agents are told to do; the default serves those who find the relay by themselves. */
  readonly reach?: Reach;
}

/** What every decision is told of the world outside the relay. */
interface Circumstances {
  readonly nowMs: number;
  readonly reach: Reach;
}

/** `effects` are those still to be done by the caller: agents to end and to start. Leases were released already. */
export type Answer<T> = { readonly ok: true; readonly decision: T; readonly effects: readonly Effect[] } | { readonly ok: false; readonly refusal: Refusal };

export interface Resumed {
  /** True when no task is left. */
  readonly session_ended: boolean;
}

/**
 * The orchestrator: reads, decides by pure functions, writes, then acts, in this order. It remembers nothing between two calls,
 * so one that dies, or cannot reach the relay for the last of these, is replaced by another: what was decided and not done,
 * `resume` finds.
 */
export class MultiTeamOrchestrator {
  readonly #options: OrchestratorOptions;
  readonly #reach: Reach;

  constructor(options: OrchestratorOptions) {
    this.#options = options;
    this.#reach = options.reach ?? PLAIN_REACH;
  }

  handleMultiImplement(request: Omit<MultiImplement, keyof Circumstances>): Promise<Answer<ParallelExecution>> {
    const event = { type: 'multi_implement_start', team: null, data: { tasks: request.taskIds } };
    return this.#decide(event, (state, now) => handleMultiImplement(state, { ...request, ...now }));
  }

  /** Measures what the phase asks for, then decides. The gates run outside the transaction: others can complete meanwhile. */
  async handleTeamCompletion(completion: Completion): Promise<Answer<TeamDecision>> {
    const read = await this.#options.store.read();
    if (!read.ok) return unavailable(read.problem);
    const accepted = acceptCompletion(read.value, completion);
    if (!accepted.ok) return accepted;
    const { gates, standing } = accepted;
    const measured = gates.length === 0 ? NOTHING_MEASURED : await this.#measure(completion.team, standing.assignment, gates);
    const verdicts = Object.fromEntries(gates.map((gate) => [gate, measured.gates[gate]?.status ?? 'error']));
    const event = { type: 'team_phase_complete', team: completion.team, data: { phase: completion.phase, ...standing, verdicts } };
    return this.#decide(event, (state, now) => handleTeamCompletion(state, { ...completion, measured, standing, ...now }));
  }

  handleTeamCrash(crash: { readonly team: string; readonly reason: string; readonly assignment?: number }): Promise<Answer<TeamDecision>> {
    const event = { type: 'team_crashed', team: crash.team, data: { reason: crash.reason } };
    return this.#decide(event, (state, now) => handleTeamCrash(state, { ...crash, ...now }));
  }

  checkTeams(): Promise<Answer<readonly TeamDecision[]>> {
    const { silentMs } = this.#options;
    return this.#decide({ type: 'teams_checked', team: null, data: {} }, (state, now) => checkTeams(state, { ...(silentMs === undefined ? {} : { silentMs }), ...now }));
  }

  recordActivity(activity: { readonly team: string; readonly assignment?: number }): Promise<Answer<null>> {
    return this.#decide({ type: 'team_activity', team: activity.team, data: {} }, (state, now) => recordActivity(state, { ...activity, ...now }));
  }

  recordMessage(message: Omit<TeamMessage, 'nowMs'>): Promise<Answer<null>> {
    const event = { type: message.blockedBy === undefined ? 'team_message' : 'team_blocked', team: message.team, data: { text: message.text } };
    return this.#decide(event, (state, now) => recordMessage(state, { ...message, ...now }));
  }

  endSession(reason: string): Promise<Answer<EndedSession>> {
    return this.#decide({ type: 'session_given_up', team: null, data: { reason } }, (state, now) => endSession(state, { reason, ...now }));
  }

  /** For an orchestrator that starts: what one before it may have left undone. `agents` are those known to run. */
  async resume(agents: readonly RunningAgent[]): Promise<Answer<Resumed>> {
    const { store, leases } = this.#options;
    const read = await store.read();
    if (!read.ok) return unavailable(read.problem);
    const effects = resume(read.value, { agents, leases: await leases.list(), reach: this.#reach });
    const sessionEnded = read.value.coordination === null || hasEnded(read.value.coordination);
    return this.#releaseLeases({ session_ended: sessionEnded }, effects);
  }

  /** What has become of what the agent was started for. */
  async standingOf(agent: RunningAgent): Promise<AgentStanding> {
    const read = await this.#options.store.read();
    return read.ok ? agentStanding(read.value, agent) : 'gone';
  }

  /** Null before the first session. */
  async report(locks: ReportInput['locks']): Promise<Answer<ConsolidatedReport | null>> {
    const { store, clock } = this.#options;
    const read = await store.read();
    if (!read.ok) return unavailable(read.problem);
    return { ok: true, decision: generateConsolidatedReport(read.value, { nowMs: clock.now(), locks }), effects: [] };
  }

  /** Gates can take longer than an agent may be silent, and its agent has nothing to say meanwhile. */
  #measure(team: string, assignment: number, gates: readonly GateId[]): Promise<Measured> {
    const { measure, silentMs = LIMITS.agentSilentMs } = this.#options;
    const everyMs = Math.min(LIMITS.executorLookMs, Math.ceil(silentMs / 4));
    // A beat that comes to nothing is one too few; what is wrong with the relay, the decision will tell.
    return withHeartbeat({ beat: () => this.recordActivity({ team, assignment }), everyMs, limitMs: LIMITS.measurementMs }, () => measure(team, gates));
  }

  async #decide<T>(event: StoreEvent, decide: (state: RelayState, now: Circumstances) => Outcome<T>): Promise<Answer<T>> {
    const { store, clock } = this.#options;
    const leases = await this.#options.leases.list();
    const nowMs = clock.now();
    const written = await store.transact(event, (state): { state: RelayState | null; value: Outcome<T> } => {
      const outcome = decide(state, { nowMs, reach: this.#reach });
      return { state: outcome.ok && outcome.state !== state ? withLeases(outcome, leases, nowMs) : null, value: outcome };
    });
    if (!written.ok) return unavailable(written.problem);
    const outcome = written.value;
    return outcome.ok ? this.#releaseLeases(outcome.decision, outcome.effects) : outcome;
  }

  /** Before any agent is started: it may be of the same team, and must keep what it acquires. */
  async #releaseLeases<T>(decision: T, effects: readonly Effect[]): Promise<Answer<T>> {
    const teams = effects.flatMap((effect) => (effect.effect === 'release-leases' ? [effect.team] : []));
    const rest = effects.filter((effect) => effect.effect !== 'release-leases');
    if (teams.length === 0) return { ok: true, decision, effects: rest };
    for (const team of teams) await this.#options.leases.releaseAll(team);
    const written = await this.#options.store.transact({ type: 'leases_released', team: null, data: { teams } }, (state) => ({ state: leasesReleased(state, teams), value: null }));
    return written.ok ? { ok: true, decision, effects: rest } : unavailable(written.problem);
  }
}

/** Shows who holds what; what is about to be released is nobody's. */
function withLeases({ state, effects }: { readonly state: RelayState; readonly effects: readonly Effect[] }, leases: readonly LeaseView[], nowMs: number): RelayState {
  if (state.coordination === null) return state;
  const released = new Set(effects.flatMap((effect) => (effect.effect === 'release-leases' ? [effect.team] : [])));
  const step = beginStep(state.coordination, state.teams, nowMs);
  mirrorLeases(step, leases.filter(({ team }) => !released.has(team)));
  return stateAfter(step);
}

function unavailable(detail: string): { readonly ok: false; readonly refusal: Refusal } {
  return { ok: false, refusal: { reason: 'relay-unavailable', detail } };
}
