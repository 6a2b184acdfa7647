import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { LIMITS } from '../../../src/model/limits.ts';

/** What a file turned out to hold. Only `text` can be inspected further. */
export type SourceText =
  | { readonly kind: 'text'; readonly text: string; readonly encoding: 'utf-8' | 'utf-16' }
  /** It has NUL bytes, as git tells text from binary. `line` is where the first one is. */
  | { readonly kind: 'binary'; readonly line: number }
  /** No NUL bytes, but not UTF-8 either. The place is that of the first wrong byte. */
  | { readonly kind: 'invalid-utf-8'; readonly line: number; readonly column: number }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** Gone since the workspace was listed, a link that leads nowhere, a folder (a submodule), or not readable. */
  | { readonly kind: 'unreadable'; readonly code: string };

/** git's own measure for "binary": a NUL in the first 8000 bytes. */
const BINARY_PROBE_BYTES = 8000;

/** Reads one file of the workspace, bounded by `LIMITS.fileBytesMax`. Blocks: meant for worker threads. A byte order mark is dropped. */
export function readSourceText(root: string, file: string): SourceText {
  const read = readBytes(path.join(root, file));
  if (!Buffer.isBuffer(read)) return read;
  const utf16 = utf16Label(read);
  if (utf16 !== null) return { kind: 'text', text: new TextDecoder(utf16).decode(read), encoding: 'utf-16' };
  const nul = read.subarray(0, BINARY_PROBE_BYTES).indexOf(0);
  if (nul !== -1) return { kind: 'binary', line: countLines(read.subarray(0, nul)) };
  if (!isUtf8(read)) return { kind: 'invalid-utf-8', ...placeOfWrongByte(read) };
  return { kind: 'text', text: new TextDecoder('utf-8').decode(read), encoding: 'utf-8' };
}

function readBytes(absolute: string): Buffer | SourceText {
  try {
    const stats = statSync(absolute);
    if (!stats.isFile()) return { kind: 'unreadable', code: 'no regular file' };
    if (stats.size > LIMITS.fileBytesMax) return { kind: 'too-large', bytes: stats.size };
    return readFileSync(absolute);
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') return { kind: 'unreadable', code: error.code };
    throw error;
  }
}

function utf16Label(bytes: Buffer): 'utf-16le' | 'utf-16be' | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return null;
}

function countLines(bytes: Buffer): number {
  return bytes.toString('latin1').split('\n').length;
}

/** The longest prefix that decodes ends right before the first wrong byte; found by halving. */
function placeOfWrongByte(bytes: Buffer): { line: number; column: number } {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (decodes(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = new TextDecoder('utf-8').decode(bytes.subarray(0, good), { stream: true }).split('\n');
  return { line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

/** A character cut off at the end counts as right: `stream` waits for its other bytes. */
function decodes(prefix: Buffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(prefix, { stream: true });
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}
