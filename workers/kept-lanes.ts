/** Memories of lanes that outlive their run, the least recently used first. */
export class KeptLanes {
  readonly #lanes = new Map<string, Map<string, unknown>>();
  #runs = 0;

  /** A lane's memory, and a number that no run of this thread had before. */
  enter(name: string): { lane: Map<string, unknown>; run: number } {
    const lane = this.#lanes.get(name) ?? new Map<string, unknown>();
    this.#lanes.delete(name);
    this.#lanes.set(name, lane);
    this.#runs += 1;
    return { lane, run: this.#runs };
  }

  /** Forgets least recently used lanes until `fits`, but never the last used one; false when that is not enough. */
  shrink(fits: () => boolean): boolean {
    for (const [name, lane] of [...this.#lanes].slice(0, -1)) {
      if (fits()) return true;
      this.#lanes.delete(name);
      emptyLane(lane);
    }
    return fits();
  }
}

/** What is in it and must be disposed of is: a process that outlives its run. */
export function emptyLane(lane: Map<string, unknown>): void {
  for (const value of lane.values()) if (isDisposable(value)) value[Symbol.dispose]();
  lane.clear();
}

function isDisposable(value: unknown): value is Disposable {
  return typeof value === 'object' && value !== null && Symbol.dispose in value;
}
