import { readFile, stat } from 'node:fs/promises';
import { LIMITS } from '../model/limits.ts';
import { isMissing } from '../system/read-text.ts';

/** A source file's text for a code frame; null when it is gone, binary or too large. */
export async function readSource(file: string): Promise<string | null> {
  try {
    if ((await stat(file)).size > LIMITS.fileBytesMax) return null;
    const text = await readFile(file, 'utf8');
    return text.includes('\0') ? null : text;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
