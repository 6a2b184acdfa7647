import { InvalidArgumentError } from 'commander';
import { mkdir, mkdtemp, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { BenchDocument } from '../../bench/suite/index.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { LatestWrite } from './latest-write.ts';

type Suite = typeof import('../../bench/suite/index.ts');

export function parseOutput(value: string): string {
  if (value === '') throw new InvalidArgumentError('It must name a folder; "." is this one.');
  return value;
}

/** The folder of --output. */
export class BenchOutput {
  readonly #folder: string;
  readonly #writes: LatestWrite<BenchDocument>;

  private constructor(folder: string, suite: Suite) {
    this.#folder = folder;
    this.#writes = new LatestWrite((document) => store(document, folder, suite));
  }

  /** Makes the folder and tries whether it can be written to: before an hour of measuring and not after it. Throws a `BenchTrouble`. */
  static async open(folder: string, suite: Suite): Promise<BenchOutput> {
    try {
      await mkdir(folder, { recursive: true });
      await rmdir(await mkdtemp(path.join(folder, '.try-')));
    } catch (error) {
      throw new suite.BenchTrouble(sentenceOf(error, folder));
    }
    return new BenchOutput(folder, suite);
  }

  offer(document: BenchDocument): void {
    this.#writes.offer(document);
  }

  /** Once all is written: why the last that was offered is not, one sentence, or null. */
  async problem(): Promise<string | null> {
    try {
      await this.#writes.done();
    } catch (error) {
      return sentenceOf(error, this.#folder);
    }
    return null;
  }
}

/** Throws again what is no trouble of the disk. */
function sentenceOf(error: unknown, folder: string): string {
  if (!(error instanceof Error && 'syscall' in error)) throw error;
  return describeDiskTrouble(error, folder) ?? `${folder} cannot be written to (${error.message.split(',')[0] ?? ''}): name another folder with --output`;
}

async function store(document: BenchDocument, folder: string, suite: Suite): Promise<void> {
  await writeFileAtomic(path.join(folder, 'bench.json'), `${JSON.stringify(document, null, 2)}\n`);
  await writeFileAtomic(path.join(folder, 'bench.md'), suite.renderMarkdown(document));
  const measured = document.corpora.filter(({ rows }) => rows.length > 0);
  for (const corpus of measured) await writeFileAtomic(path.join(folder, measured.length === 1 ? 'bench.svg' : `bench-${corpus.name}.svg`), suite.renderSvg(document, corpus));
}
