import type { OwningTask } from './ownership.ts';
import type { HookDecision } from './request.ts';

/** What agents are told in passing. Loaded by the thin client: nothing is imported. */
export function denyForeign(file: string, team: string, owner: OwningTask): HookDecision {
  return { kind: 'deny', reason: `${file} belongs to ${owner.team} until its task ${owner.id} is completed. Leave it as it is; if you need a change there, tell them: spark-gates message ${team} ${owner.team} '<what you need>' --blocked. Then go on with your own files.` };
}

export function denyLocked(file: string, team: string, holder: { readonly team: string; readonly until: string }): HookDecision {
  return { kind: 'deny', reason: `${file} is locked by ${holder.team} until ${holder.until}. Wait for it, then edit it again: spark-gates lock wait ${file} --team ${team}` };
}

export function denyRelay(file: string, detail: string): HookDecision {
  return { kind: 'deny', reason: `${file} is not edited by hand: ${detail}.` };
}
