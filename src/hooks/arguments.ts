import { HOOK_LIMITS } from '../model/limits.ts';
import { HOOK_EVENTS, type HookEvent } from './request.ts';

/** `spark-gates hook`, read without a library: whatever is wrong in it must still end in an answer. Loaded by the thin client. */
export interface HookArguments {
  /** As given; null: the payload says it. */
  readonly event: string | null;
  readonly agent: string;
  /** In ms, and less than the longest that a client waits for a hook; null: that of the event. */
  readonly deadlineMs: number | null;
}

export function readHookArguments(words: readonly string[]): HookArguments {
  const values = new Map<string, string>();
  for (let at = 0; at < words.length; at += 1) {
    const [name = '', inline] = (words[at] ?? '').split(/=(.*)/s, 2);
    if (!['--event', '--agent', '--deadline'].includes(name)) continue;
    if (inline === undefined) at += 1;
    values.set(name, inline ?? words[at] ?? '');
  }
  const seconds = Number(values.get('--deadline') ?? '');
  return {
    event: values.get('--event') ?? null,
    agent: values.get('--agent') ?? 'claude',
    deadlineMs: seconds > 0 ? Math.min(seconds * 1000, HOOK_LIMITS.deadlineMsMax) : null,
  };
}

export function isHookEvent(name: string): name is HookEvent {
  return HOOK_EVENTS.some((event) => event === name);
}
