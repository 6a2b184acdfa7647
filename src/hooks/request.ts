/**
 * What a hook is about, whichever client sent it: little enough to be sent on, whatever the payload weighed. Loaded by the thin client:
 * nothing is imported.
 */
export interface HookRequest {
  readonly event: HookEvent;
  /** As the client calls it: its answer may have to repeat it. */
  readonly clientEvent: string;
  /** Absolute: the tree that the agent works in, which may be a linked worktree. */
  readonly cwd: string;
  readonly sessionId: string | null;
  readonly agentId: string | null;
  readonly agentType: string | null;
  /** The team that the agent's name stands for; null: it is none's. */
  readonly team: string | null;
  /** What follows the team in the agent's name: `implementer`; null where nothing does. */
  readonly role: string | null;
  readonly tool: string | null;
  /** Files that a tool is about to change, or has changed, as they are written there. */
  readonly files: readonly string[];
  /** The client says that the agent goes on because a hook had blocked it. */
  readonly isRetry: boolean;
  /** When the client's call came in, in ms since 1970. */
  readonly begunMs?: number | undefined;
  /** Agents that the client knows to run in the background; null where it does not say. */
  readonly running: readonly RunningAgentRow[] | null;
  /** What was typed behind a command. */
  readonly words: string;
}

export interface RunningAgentRow {
  readonly agentId: string;
  readonly agentType: string;
}

/**
 * Our own names, three of them the specification's. `agent_returned`: an agent that the main agent had started is back, as the main
 * agent sees it. `teammate_started`: one was started that goes by a name of its own from then on.
 * `agent_failed`: an agent ends by an error of the model's API, which is no end that could be judged.
 */
export const HOOK_EVENTS = [
  'session_start', 'multi_implement_start', 'team_start', 'teammate_started', 'before_edit', 'after_edit', 'team_phase_complete', 'agent_failed', 'agent_returned', 'all_teams_complete', 'session_end',
] as const;

export type HookEvent = (typeof HOOK_EVENTS)[number];

/** What comes of it. `note` is for the person before the client, never for an agent. */
export type HookDecision =
  | { readonly kind: 'pass'; readonly note?: string }
  /** The tool does not run. */
  | { readonly kind: 'deny'; readonly reason: string }
  /** The agent does not end; the reason is its next instruction. */
  | { readonly kind: 'block'; readonly reason: string }
  /** The agent is told something and goes on. */
  | { readonly kind: 'context'; readonly text: string };

export const PASS: HookDecision = { kind: 'pass' };
