/** Where the hooks are: in the project's own settings, or in a plugin. */
export type Form = 'project' | 'plugin';

interface HookedEvent {
  readonly event: string;
  /** Only these tools; every one when absent. */
  readonly matcher?: string;
  readonly timeoutSeconds: number;
}

const EDITS = 'Edit|Write|MultiEdit|NotebookEdit';
const AGENTS = 'Agent|Task';
/** A shell's edits are told afterwards; an agent that is back is the moment at which the next can be started. */
const SHELL_AND_AGENTS = `Bash|${AGENTS}`;

/**
 * The events that are listened to, each once: all hooks of an event run at the same time. A hook that is not back in time renders
 * no decision, which lets everything through; the longest times are below the 600 s after which the client ends a hook whatever
 * its timeout says, and above what `spark-gates hook` takes until it answers by itself.
 */
export const HOOKED_EVENTS: readonly HookedEvent[] = [
  { event: 'SessionStart', timeoutSeconds: 30 },
  { event: 'UserPromptExpansion', timeoutSeconds: 60 },
  { event: 'PreToolUse', matcher: EDITS, timeoutSeconds: 60 },
  { event: 'PostToolUse', matcher: `${EDITS}|${SHELL_AND_AGENTS}`, timeoutSeconds: 120 },
  { event: 'PostToolUseFailure', matcher: AGENTS, timeoutSeconds: 60 },
  { event: 'SubagentStart', timeoutSeconds: 30 },
  { event: 'SubagentStop', timeoutSeconds: 590 },
  // What an agent that an error of the API ends has in place of SubagentStop.
  { event: 'StopFailure', timeoutSeconds: 30 },
  { event: 'TaskCompleted', timeoutSeconds: 590 },
  { event: 'TeammateIdle', timeoutSeconds: 590 },
  { event: 'Stop', timeoutSeconds: 590 },
  { event: 'SessionEnd', timeoutSeconds: 15 },
];

/** The launcher, relative to the project's root. */
export const LAUNCHER = '.claude/spark-gates/launch';

/** One entry of an event's list in settings.json or hooks.json. */
export interface HookGroup {
  readonly matcher?: string;
  readonly hooks: readonly [{ readonly type: 'command'; readonly command: string; readonly args: readonly string[]; readonly timeout: number }];
}

/** By event, in the order above. Without a shell: `args` are words, and the client fills in the variable. */
export function hookGroups(form: Form): readonly (readonly [event: string, group: HookGroup])[] {
  const launcher = form === 'project' ? `\${CLAUDE_PROJECT_DIR}/${LAUNCHER}` : '${CLAUDE_PLUGIN_ROOT}/launch';
  return HOOKED_EVENTS.map(({ event, matcher, timeoutSeconds }) => [
    event,
    { ...(matcher === undefined ? {} : { matcher }), hooks: [{ type: 'command', command: 'node', args: [launcher, 'hook'], timeout: timeoutSeconds }] },
  ]);
}
