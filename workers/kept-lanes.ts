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
    const names = [...this.#lanes.keys()].slice(0, -1);
    for (const name of names) {
      if (fits()) return true;
      this.#lanes.delete(name);
    }
    return fits();
  }
}
