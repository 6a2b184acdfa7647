import { createHash } from 'node:crypto';
import path from 'node:path';
import type { SourceEffects } from '../model/import-graph.ts';
import { LIMITS } from '../model/limits.ts';
import { stampFile, type FileStamp } from '../system/file-stamp.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { readModule, type ModuleSpecifier } from './module-specifiers.ts';
import { findOpenImports, type OpenImports } from './open-imports.ts';
import { effectsOf } from './source-effects.ts';

/** What one source names. Not its text: those of all sources together are too much to keep. */
export interface Source extends OpenImports {
  readonly specifiers: readonly ModuleSpecifier[];
  readonly effects: SourceEffects;
}

interface Known {
  readonly stamp: FileStamp;
  readonly digest: string;
  readonly bases: string;
  /** Null for a binary file. */
  readonly source: Source | null;
}

/**
 * What sources were found to name, kept from one look at a tree to the next: parsing is most of what an import graph costs. Nothing but a
 * file's own content, name and package goes into it.
 */
export class KnownSources {
  #known = new Map<string, Known>();
  #seen = new Map<string, Known>();

  /** `bases`: the folders that `/x` may start from. Null for what is gone, binary, or beyond the size limit. */
  read(root: string, file: string, bases: readonly string[]): Source | null {
    const absolute = path.join(root, file);
    const stamp = stampFile(absolute);
    if (stamp === null || stamp.size > LIMITS.fileBytesMax) return null;
    const before = this.#known.get(absolute);
    const isSame = before !== undefined && before.bases === bases.join('\0');
    if (isSame && before.stamp.isSettled && before.stamp.text === stamp.text) {
      this.#seen.set(absolute, before);
      return before.source;
    }
    const text = readTextIfThere(absolute);
    if (text === null) return null;
    const digest = createHash('sha256').update(text).digest('base64');
    const known = { stamp, digest, bases: bases.join('\0'), source: isSame && before.digest === digest ? before.source : readSource(file, text, bases) };
    this.#seen.set(absolute, known);
    return known.source;
  }

  /** Forgets what was not read since the last call: files that are gone. */
  forgetOthers(): void {
    this.#known = this.#seen;
    this.#seen = new Map();
  }
}

function readSource(file: string, text: string, bases: readonly string[]): Source | null {
  if (text.includes('\0')) return null;
  const read = readModule(file, text);
  return { specifiers: read.specifiers, ...findOpenImports(file, text, bases), effects: effectsOf(file, text, read) };
}
