import { readFileSync, type Stats } from 'node:fs';
import path from 'node:path';
import { changedMs, hasSettled, statLine } from '../system/file-times.ts';
import { isMissing } from '../system/read-text.ts';
import { digestOf, type Digest } from './digest.ts';
import { mentionsOf, NO_MENTIONS, type Mentions } from './mentions.ts';

/** What is known of a file's content. */
export interface FileContent {
  readonly digest: Digest;
  readonly mentions: Mentions;
}

/** [stat line, when it was read, digest, names, uses git, paths outside, programs] */
export type MemoRow = readonly [stat: string, readMs: number, digest: Digest, names: string, usesGit: 0 | 1, outside: readonly string[], programs: string];

/** A larger file stands for itself by what a change of it cannot leave as it is: reading it would take longer than the checks do. */
const CONTENT_BYTES_MAX = 64 * 1024 * 1024;

/**
 * Contents of files by their path, kept between runs. A row is believed only while size, times, identity and permissions
 * are as they were when the file was read, and had been so for longer than a file system's clock ticks.
 */
export class FileMemo {
  readonly #root: string;
  readonly #old: ReadonlyMap<string, MemoRow>;
  readonly #rows = new Map<string, MemoRow>();
  readonly #seen = new Map<string, string>();
  readonly #rewritten = new Set<string>();
  readonly #nowMs: () => number;
  #isChanged = false;

  /** `nowMs` is the time of day. */
  constructor(root: string, rows: Iterable<readonly [string, MemoRow]>, nowMs: () => number) {
    this.#root = root;
    this.#old = new Map(rows);
    this.#nowMs = nowMs;
  }

  /** `file` is relative to the root, or absolute; `stats` are of the file itself, a link followed. Null when it is gone by now. */
  contentOf(file: string, stats: Stats): FileContent | null {
    const stat = statLine(stats);
    this.see(file, stat);
    const known = this.#rows.get(file) ?? this.#old.get(file);
    if (known?.[0] === stat && hasSettled(changedMs(stats), known[1])) {
      this.#rows.set(file, known);
      return { digest: known[2], mentions: { names: wordsOf(known[3]), programs: wordsOf(known[6]), usesGit: known[4] === 1, outside: known[5] } };
    }
    // Taken before the reading: what changes while it is read is newer than this.
    const readMs = this.#nowMs();
    const content = stats.size > CONTENT_BYTES_MAX ? { digest: digestOf(`large ${stat}`), mentions: NO_MENTIONS } : read(path.resolve(this.#root, file), file);
    if (content === null) return null;
    const { digest, mentions } = content;
    this.#rows.set(file, [stat, readMs, digest, mentions.names.join(' '), mentions.usesGit ? 1 : 0, mentions.outside, mentions.programs.join(' ')]);
    this.#isChanged = true;
    return content;
  }

  /** Notes what is at a path: a file, or with ` ->` behind its name a link itself. */
  see(name: string, stat: string): void {
    const before = this.#seen.get(name);
    this.#seen.set(name, stat);
    if (before !== undefined && before !== stat) this.#rewritten.add(name.replace(/ ->$/, ''));
  }

  /** What was written between two looks by this memo, even where it is at last what it was at first: nobody knows what was in it meanwhile. */
  get rewritten(): ReadonlySet<string> {
    return this.#rewritten;
  }

  /** Whether there is anything to be kept that was not there before. */
  get isChanged(): boolean {
    return this.#isChanged;
  }

  /** Of the files that were asked for; what is gone is forgotten. */
  get rows(): ReadonlyMap<string, MemoRow> {
    return this.#rows;
  }
}

function wordsOf(joined: string): string[] {
  return joined === '' ? [] : joined.split(' ');
}

function read(absolute: string, file: string): FileContent | null {
  try {
    const bytes = readFileSync(absolute);
    return { digest: digestOf(bytes), mentions: mentionsOf(file, bytes.toString('utf8')) };
  } catch (error) {
    if (isMissing(error)) return null;
    // A file that may not be read is one to the tools, too.
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM')) return { digest: 'unreadable', mentions: NO_MENTIONS };
    throw error;
  }
}
