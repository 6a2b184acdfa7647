import type { OrchestratorStore, StoreEvent, StoreResult } from '../../src/orchestrator/multi-team-orchestrator.ts';
import type { RelayState } from '../../src/orchestrator/relay-state.ts';
import { EMPTY } from './session.ts';
import { deepFreeze } from './world.ts';

/**
 * The relay without a disk. Each work is run twice, as it may be in a relay that another writer overtook, on documents that
 * cannot be changed in place.
 */
export class MemoryStore implements OrchestratorStore {
  state: RelayState = EMPTY;
  readonly events: StoreEvent[] = [];
  problem: string | null = null;

  read(): Promise<StoreResult<RelayState>> {
    return Promise.resolve(this.problem === null ? { ok: true, value: this.state } : { ok: false, problem: this.problem });
  }

  transact<T>(event: StoreEvent, work: (state: RelayState) => { readonly state: RelayState | null; readonly value: T }): Promise<StoreResult<T>> {
    if (this.problem !== null) return Promise.resolve({ ok: false, problem: this.problem });
    work(this.state);
    const { state, value } = work(this.state);
    if (state !== null) {
      this.state = deepFreeze(structuredClone(state));
      this.events.push(event);
    }
    return Promise.resolve({ ok: true, value });
  }
}
