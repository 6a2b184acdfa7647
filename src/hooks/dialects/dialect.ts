import type { HookDecision, HookEvent, HookRequest } from '../request.ts';
import type { Payload } from '../payload.ts';

/** How one client speaks. Loaded by the thin client: nothing but node: built-ins behind it. */
export interface Dialect {
  /** Our event for one of the client's in this payload; null: it is none of ours, and passes. */
  eventOf(clientEvent: string, payload: Payload): HookEvent | null;
  /** The client's name of the event in the payload; null where it does not say. */
  clientEvent(payload: Payload): string | null;
  read(payload: Payload, event: { readonly event: HookEvent; readonly clientEvent: string; readonly cwd: string }): HookRequest;
  /** The JSON object that the client reads from stdout. */
  write(decision: HookDecision, request: Pick<HookRequest, 'clientEvent' | 'event'>): object;
}
