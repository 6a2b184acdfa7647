import { HOOK_LIMITS } from '../model/limits.ts';
import { isHookEvent, readHookArguments, type HookArguments } from './arguments.ts';
import type { Dialect } from './dialects/dialect.ts';
import { dialectOf } from './dialects/index.ts';
import type { SessionEnding } from './events/session-end.ts';
import type { LeaseEdit } from './lease-edit.ts';
import { isJudging, noteVerdict, withoutVerdict } from './outcome.ts';
import { parsePayload } from './payload.ts';
import { PASS, type HookDecision, type HookEvent, type HookRequest } from './request.ts';
import { teamOf } from './identity.ts';
import { placeOf } from './place.ts';
import { findTree, type Tree } from './tree.ts';

/** The part of the process that a hook needs; only `cli.ts` has it itself. */
export interface HookProcess {
  /** Behind `hook`. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** The client's word for the main worktree; for when the folder that it names is gone. */
  readonly projectFolder: string | null;
  readonly nowMs: () => number;
  readonly readInput: () => Promise<string>;
  /** Has a request that takes more than reading documents answered, by the daemon or in this process; what it prints. Ends when `signal` aborts. */
  readonly handle: (request: HookRequest, signal: AbortSignal) => Promise<string>;
  /** Gets the leases of what a team is about to change. */
  readonly lease: (wanted: Omit<LeaseEdit, 'clock'>) => Promise<HookDecision>;
  /** Gives back what the agents of a client's session held. */
  readonly endSession: (ending: Omit<SessionEnding, 'clock'>) => Promise<HookDecision>;
  /** Starts a daemon where there is none, without waiting for it. */
  readonly warm: () => Promise<void>;
  /** SIGTERM, SIGINT, SIGHUP: the client has lost patience, and may still read what we say. */
  readonly signal: AbortSignal;
  /** Everything that is to be said. */
  readonly answer: (text: string) => Promise<void>;
}

/**
 * One hook call: whatever comes in, one JSON object goes out, within a bound. Agents that are no team's, tools that change no file and repositories without
 * a session are answered before anything else is loaded.
 */
export async function answerHook(surroundings: HookProcess): Promise<void> {
  const args = readHookArguments(surroundings.args);
  const dialect = dialectOf(args.agent);
  const written = dialect === null ? { systemMessage: `spark-gates: there is no agent "${args.agent}"; nothing was checked` } : await orNoVerdict(surroundings, args, dialect);
  await surroundings.answer(`${JSON.stringify(written)}\n`);
}

async function orNoVerdict(surroundings: HookProcess, args: HookArguments, dialect: Dialect): Promise<object> {
  let request: HookRequest | null = null;
  let tree: Tree | null = null;
  const write = (decision: HookDecision): object => dialect.write(decision, request ?? { clientEvent: args.event ?? '', event: 'session_start' });
  try {
    const text = await surroundings.readInput();
    const read = readRequest(text, { args, dialect, cwd: surroundings.cwd });
    if ('decision' in read) return write(read.decision);
    request = read.request;
    if (!mayConcernTeam(request)) return write(PASS);
    const place = placeOf(request, surroundings.projectFolder);
    if (place === null) return write(withoutSession(request, `there is no session in ${request.cwd}`));
    if (place === 'gone') return write(withoutSession(request, `the worktree ${request.cwd} is gone`));
    const { cwd } = request;
    ({ tree, request } = place);
    if (needsTeam(request.event) && request.team === null && tree.relay !== null) {
      const { withTeam } = await import('./thin-ledger.ts');
      request = withTeam(request, tree.relay);
      if (request.team === null) return write(PASS);
    }
    if (place.isBeside && request.event === 'team_phase_complete') return write(withoutVerdict(request, `${cwd} is a worktree of a bare repository, and the session is in ${tree.root}: bring the work there and end there`, tree.relay));
    return write(await decide(surroundings, { args, request, tree }));
  } catch (error) {
    // The catch-all of hooks: whatever broke, the client gets an answer that opens no gate in silence.
    return write(withoutVerdict(request, `the hook broke: ${error instanceof Error ? error.message : String(error)}`, tree?.relay ?? null));
  }
}

type Reading = { readonly request: HookRequest } | { readonly decision: HookDecision };

function readRequest(text: string, { args, dialect, cwd }: { readonly args: HookArguments; readonly dialect: Dialect; readonly cwd: string }): Reading {
  const payload = parsePayload(text);
  if (payload === null) return { decision: unreadable(text, cwd) };
  const clientEvent = dialect.clientEvent(payload) ?? args.event;
  if (clientEvent === null) return { decision: { kind: 'pass', note: 'spark-gates: the hook was told no event; nothing was checked' } };
  const event = args.event !== null && isHookEvent(args.event) ? args.event : dialect.eventOf(args.event ?? clientEvent, payload);
  return event === null ? { decision: PASS } : { request: dialect.read(payload, { event, clientEvent, cwd }) };
}

/** Input that was cut off is no way past the gates, as far as what is there tells whose work it was about. */
function unreadable(text: string, cwd: string): HookDecision {
  const at = (names: string): string | null => new RegExp(`"(?:${names})"\\s*:\\s*"([^"\\\\]*)"`).exec(text)?.[1] ?? null;
  const team = teamOf(at('agent_type|subagent_type|teammate_name') ?? '')?.team;
  const tree = findTree(at('cwd') ?? cwd) ?? findTree(cwd);
  const isEnd = /"hook_event_name"\s*:\s*"(?:SubagentStop|TaskCompleted|TeammateIdle|subagentStop)"/.test(text);
  if (!isEnd || team === undefined || tree?.hasSession !== true) return { kind: 'pass', note: 'spark-gates: what the client sent is no JSON object; nothing was checked' };
  const isRetry = /"stop_hook_active"\s*:\s*true/.test(text);
  return withoutVerdict({ event: 'team_phase_complete', team, agentId: at('agent_id'), sessionId: at('session_id'), isRetry }, "the client's message to the hook could not be read", tree.relay);
}

/** An agent whose name says no team may still be a teammate that was started from a team's agent: the ledger has it by its number. */
function mayConcernTeam({ event, team, agentType, agentId, files }: HookRequest): boolean {
  if (!needsTeam(event)) return true;
  if ((event === 'before_edit' || event === 'after_edit') && files.length === 0) return false;
  return team !== null || (event !== 'agent_returned' && event !== 'teammate_started' && agentType !== null && agentId !== null);
}

function needsTeam(event: HookEvent): boolean {
  switch (event) {
    case 'before_edit':
    case 'after_edit':
    case 'team_start':
    case 'teammate_started':
    case 'team_phase_complete':
    case 'agent_failed':
    case 'agent_returned':
      return true;
    case 'session_start':
    case 'multi_implement_start':
    case 'all_teams_complete':
    case 'session_end':
      return false;
  }
}

function withoutSession({ event, team }: HookRequest, why: string): HookDecision {
  return event === 'team_phase_complete' && team !== null ? { kind: 'pass', note: `spark-gates: ${why}, so ${team} was not judged, and no phase is completed` } : PASS;
}

interface Deciding {
  readonly args: HookArguments;
  readonly request: HookRequest;
  readonly tree: Tree;
}

async function decide(surroundings: HookProcess, { args, request, tree }: Deciding): Promise<HookDecision> {
  const { team } = request;
  if (request.event === 'session_start') {
    await surroundings.warm();
    return PASS;
  }
  if (request.event === 'before_edit' && team !== null && tree.relay !== null) {
    const { decideBeforeEdit } = await import('./thin-before-edit.ts');
    const decision = await decideBeforeEdit({ ...request, team }, { ...tree, relay: tree.relay }, surroundings.nowMs());
    if (decision !== null && decision.kind !== 'leases') return decision;
    const { relay: folder, roots } = tree;
    if (decision !== null) return withinDeadline({ args, request, tree, surroundings }, () => surroundings.lease({ team, files: decision.files, folder, roots }));
  }
  if (request.event === 'all_teams_complete' || request.event === 'session_end') {
    const { isKnownSession } = await import('./thin-ledger.ts');
    if (tree.relay !== null && !isKnownSession(tree.relay, request.sessionId)) return PASS;
    // A client waits a second and a half for this, and all of the orchestrator takes one to load.
    if (tree.relay !== null && request.event === 'session_end' && request.sessionId !== null) {
      const ending = { sessionId: request.sessionId, folder: tree.relay, roots: tree.roots };
      return withinDeadline({ args, request, tree, surroundings }, () => surroundings.endSession(ending));
    }
  }
  return withinDeadline({ args, request, tree, surroundings }, async (signal) => {
    const text = await surroundings.handle({ ...request, begunMs: surroundings.nowMs() }, signal);
    const decision = readDecision(text);
    if (decision !== null) noteVerdict(request, tree.relay);
    return decision ?? { kind: 'broke', why: lastLine(text) };
  });
}

/** What was printed is no decision. */
interface Broke {
  readonly kind: 'broke';
  readonly why: string;
}

/** By the daemon or here; when time is up, what was begun is told to end and no longer waited for. */
async function withinDeadline({ args, request, tree, surroundings }: Deciding & { readonly surroundings: HookProcess }, begin: (signal: AbortSignal) => Promise<HookDecision | Broke>): Promise<HookDecision> {
  const limitMs = args.deadlineMs ?? HOOK_LIMITS.deadlineMs[request.event];
  const late = new AbortController();
  const signal = AbortSignal.any([surroundings.signal, late.signal]);
  const timer = setTimeout(() => { late.abort(143); }, limitMs);
  const ended = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => { setTimeout(() => { resolve(null); }, isJudging(request.event) ? HOOK_LIMITS.graceMs : 0); });
  });
  try {
    const work = begin(signal);
    // What is cancelled breaks off, and whoever loses this race has nobody to tell.
    const decision = await Promise.race([work.catch((error: unknown) => { if (signal.aborted) return null; throw error; }), ended]);
    if (signal.aborted) return whenLate(request, late.signal.aborted ? `not finished within ${String(Math.round(limitMs / 1000))} s` : 'the hook was told to end', tree.relay);
    return decision === null || decision.kind === 'broke' ? withoutVerdict(request, `the hook broke: ${decision?.why ?? 'it has no answer'}`, tree.relay) : decision;
  } finally {
    clearTimeout(timer);
  }
}

/** Where nothing was to be judged, the agent goes on; but not to a file for which there was no time to get the lease. */
function whenLate(request: HookRequest, why: string, relay: string | null): HookDecision {
  if (request.event === 'before_edit') return { kind: 'deny', reason: `No lease for ${request.files.join(', ')} yet (${why}): many want one at once. Try again in a moment.` };
  return isJudging(request.event) ? withoutVerdict(request, why, relay) : PASS;
}

/** What the other half has printed. */
function readDecision(text: string): HookDecision | null {
  const payload = parsePayload(text);
  if (payload === null) return null;
  const { kind, reason, text: context, note } = payload;
  if (kind === 'pass') return typeof note === 'string' ? { kind, note } : PASS;
  if ((kind === 'deny' || kind === 'block') && typeof reason === 'string') return { kind, reason };
  return kind === 'context' && typeof context === 'string' ? { kind, text: context } : null;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';
}
