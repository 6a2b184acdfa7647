import path from 'node:path';
import { isSettled, statIfReadable, statLine } from '../../../src/system/file-times.ts';

type Question = () => string;

interface AskedFolder {
  /** Of the folder before the first of its questions was asked; null: there was none. */
  signature: string | null;
  settled: boolean;
  readonly questions: Map<string, { readonly ask: Question; readonly answer: string }>;
}

/**
 * What was asked of the file system while modules were resolved, and whether it would still answer the same: a file that appears can
 * be the better answer to an import of another. Questions are grouped by the folder that they look into: while it is as it
 * was, nothing has appeared in it or gone, and only a few hundred folders must be looked at instead of thousands of names.
 */
export class Probes {
  readonly #folders = new Map<string, AskedFolder>();

  /** Asks now, and remembers the question. `name` tells it from others about that path; `folder` is where the answer comes from. */
  ask<T extends string | boolean | undefined>(name: string, asked: string, question: () => T, folder: string = path.dirname(asked)): T {
    const known = this.#folders.get(folder) ?? { ...look(folder), questions: new Map<string, { ask: Question; answer: string }>() };
    this.#folders.set(folder, known);
    const answer = question();
    known.questions.set(`${name} ${asked}`, { ask: () => String(question()), answer: String(answer) });
    return answer;
  }

  /** True when every question has the answer that it had. */
  hold(): boolean {
    for (const [folder, known] of this.#folders) {
      const now = look(folder);
      if (known.settled && known.signature === now.signature) continue;
      for (const { ask, answer } of known.questions.values()) if (ask() !== answer) return false;
      known.signature = now.signature;
      known.settled = now.settled;
    }
    return true;
  }

  forget(): void {
    this.#folders.clear();
  }
}

function look(folder: string): { signature: string | null; settled: boolean } {
  const stats = statIfReadable(folder);
  return stats === null ? { signature: null, settled: true } : { signature: statLine(stats), settled: isSettled(stats) };
}
