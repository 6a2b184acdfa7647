import type { Refusal } from '../../model/orchestrator-refusal.ts';
import type { Effect, Invocation, TeamDecision } from '../decision.ts';
import type { Answer, MultiTeamOrchestrator } from '../multi-team-orchestrator.ts';
import type { AgentStanding, RunningAgent } from '../resume.ts';
import type { AgentEnd, AgentProcess } from './agent-process.ts';

export type ExecutionEvent =
  | { readonly type: 'agent-started'; readonly invocation: Invocation }
  /** `standing`: what had become of what it was started for when it ended; it may have told of its completion itself. */
  | { readonly type: 'agent-ended'; readonly invocation: Invocation; readonly end: AgentEnd; readonly standing: AgentStanding; readonly output: string }
  | { readonly type: 'decided'; readonly decision: TeamDecision };

export interface ExecutorOptions {
  readonly orchestrator: MultiTeamOrchestrator;
  readonly startAgent: (invocation: Invocation, onOutput: () => void) => AgentProcess;
  /** Told now and then, as a sign of life. A rejection ends the execution. */
  readonly onLook: () => Promise<void>;
  /** Between two looks at the teams, in ms; three of them at least within what an agent may be silent, see `checkTeams`. */
  readonly lookMs: number;
  /** Ends all agents in good order; the session can be gone on with later. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: ExecutionEvent) => void;
}

export type Execution =
  /** No task is left: each is completed or failed. */
  | { readonly status: 'ended' }
  | { readonly status: 'cancelled' }
  | { readonly status: 'refused'; readonly refusal: Refusal };

interface Flight {
  readonly process: AgentProcess;
  /** Its team is no longer at what it was started for; since when, in looks. */
  strayLooks: number;
  hasSpoken: boolean;
}

/** An agent that has just completed its phase by its own command gets so many looks to say goodbye. */
const STRAY_LOOKS_MAX = 3;

/** Answers to a completion that only say that the agent had told it itself, or was overtaken: nothing to do. */
const ALREADY_KNOWN: ReadonlySet<Refusal['reason']> = new Set(['phase-repeated', 'phase-not-begun', 'phase-out-of-order', 'assignment-stale', 'retry-stale', 'task-ended', 'team-idle', 'overtaken']);

/**
 * Headless execution: one agent process per team and phase, all teams at once. It holds no state of its own. After everything that
 * happens it compares what the relay says should run with what does (`MultiTeamOrchestrator.resume`), and makes that
 * so. Whoever else decides something meanwhile, an agent that completes its phase by command or an executor before this one,
 * is followed in the same way.
 */
export class ParallelWorkflowExecutor {
  readonly #options: ExecutorOptions;
  readonly #flights = new Set<Flight>();
  /** What handles an agent's end; its team has no other agent until that is decided. */
  readonly #endings = new Set<Promise<void>>();
  #trouble: Refusal | null = null;
  #wake: () => void = () => undefined;

  constructor(options: ExecutorOptions) {
    this.#options = options;
  }

  /** Goes on with the session of the relay until it has ended. Nothing that it started is left when it resolves. */
  async executeParallelWorkflow(): Promise<Execution> {
    const { signal } = this.#options;
    const wake = (): void => { this.#wake(); };
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        const woken = new Promise<void>((resolve) => { this.#wake = resolve; });
        if (signal.aborted) return { status: 'cancelled' };
        if (this.#trouble !== null) return { status: 'refused', refusal: this.#trouble };
        const hasEnded = await this.#executeTeamsInParallel();
        if (hasEnded && this.#flights.size === 0) return { status: 'ended' };
        await this.#look(woken);
      }
    } finally {
      signal.removeEventListener('abort', wake);
      for (const { process } of this.#flights) process.end();
      while (this.#endings.size > 0) await Promise.all(this.#endings);
    }
  }

  /** Starts and ends agents until those run that should; true when no task is left. */
  async #executeTeamsInParallel(): Promise<boolean> {
    const { orchestrator } = this.#options;
    const answer = await orchestrator.resume([...this.#flights].map(({ process }) => asRunning(process.invocation)));
    if (!this.#accept(answer)) return false;
    for (const effect of answer.effects) this.#apply(effect);
    return answer.decision.session_ended;
  }

  #apply(effect: Effect): void {
    if (effect.effect === 'start-agent') {
      this.#start(effect.invocation);
    } else if (effect.effect === 'end-agent') {
      for (const flight of this.#flights) if (flight.process.invocation.team_id === effect.team && flight.process.invocation.assignment === effect.assignment) this.#endStray(flight);
    }
  }

  #endStray(flight: Flight): void {
    flight.strayLooks += 1;
    if (flight.strayLooks > STRAY_LOOKS_MAX) flight.process.end();
  }

  #start(invocation: Invocation): void {
    const { startAgent, onEvent } = this.#options;
    const flight: Flight = { process: startAgent(invocation, () => { flight.hasSpoken = true; }), strayLooks: 0, hasSpoken: true };
    this.#flights.add(flight);
    onEvent({ type: 'agent-started', invocation });
    const ending = this.#handleEnd(flight).catch((error: unknown) => { this.#fail(error); }).finally(() => {
      this.#flights.delete(flight);
      this.#endings.delete(ending);
      this.#wake();
    });
    this.#endings.add(ending);
  }

  async #handleEnd({ process }: Flight): Promise<void> {
    const { orchestrator, onEvent, signal } = this.#options;
    const { invocation } = process;
    const { end, output } = await process.ended;
    // An agent that completed its phase by command and then fell over has done what it was started for.
    const standing = await orchestrator.standingOf(asRunning(invocation));
    onEvent({ type: 'agent-ended', invocation, end, standing, output });
    if (end.kind === 'ended' || signal.aborted) return;
    const { team_id: team, phase, assignment, retry } = invocation;
    if (end.kind === 'completed') this.#tell(await orchestrator.handleTeamCompletion({ team, phase, assignment, retry }));
    else if (standing !== 'at-work') return;
    else if (end.kind === 'not-runnable') this.#trouble ??= { reason: 'agent-not-runnable', detail: end.reason };
    else this.#tell(await orchestrator.handleTeamCrash({ team, reason: end.reason, assignment }));
  }

  /** Waits until something happens or it is time to look; then looks whether all teams at work give signs of life. */
  async #look(woken: Promise<void>): Promise<void> {
    const { orchestrator, lookMs } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const timeUp = new Promise<'look'>((resolve) => { timer = setTimeout(() => { resolve('look'); }, lookMs); });
    const why = await Promise.race([woken, timeUp]);
    clearTimeout(timer);
    if (why !== 'look') return;
    for (const flight of this.#flights) {
      if (!flight.hasSpoken) continue;
      flight.hasSpoken = false;
      const { team_id: team, assignment } = flight.process.invocation;
      this.#accept(await orchestrator.recordActivity({ team, assignment }));
    }
    await this.#options.onLook();
    const checked = await orchestrator.checkTeams();
    if (this.#accept(checked)) for (const decision of checked.decision) this.#options.onEvent({ type: 'decided', decision });
  }

  #tell(answer: Answer<TeamDecision>): void {
    if (this.#accept(answer)) this.#options.onEvent({ type: 'decided', decision: answer.decision });
  }

  /** False for a refusal; one that is trouble ends the execution. */
  #accept<T>(answer: Answer<T>): answer is Extract<Answer<T>, { ok: true }> {
    if (answer.ok) return true;
    if (!ALREADY_KNOWN.has(answer.refusal.reason)) this.#trouble ??= answer.refusal;
    return false;
  }

  #fail(error: unknown): void {
    // What is cancelled breaks off where it stands, and is gone on with later.
    if (this.#options.signal.aborted) return;
    this.#trouble ??= { reason: 'relay-unavailable', detail: error instanceof Error ? error.message : String(error) };
  }
}

function asRunning({ team_id: team, assignment, phase, retry }: Invocation): RunningAgent {
  return { team, assignment, phase, retry };
}
