import type { HookDecision, HookRequest } from '../request.ts';

/** The form that most clients take: a block with its reason at the top, everything else under `hookSpecificOutput`. */
export function writeCommon(decision: HookDecision, { clientEvent }: Pick<HookRequest, 'clientEvent'>): object {
  switch (decision.kind) {
    case 'pass':
      return decision.note === undefined ? {} : { systemMessage: decision.note };
    case 'deny':
      return { hookSpecificOutput: { hookEventName: clientEvent, permissionDecision: 'deny', permissionDecisionReason: decision.reason } };
    case 'block':
      return { decision: 'block', reason: decision.reason };
    case 'context':
      return { hookSpecificOutput: { hookEventName: clientEvent, additionalContext: decision.text } };
  }
}
