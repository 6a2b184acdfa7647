import { readFileSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';

/** A file's text without its byte order mark, or null when there is no such file. Other trouble is thrown. */
export function readTextIfThere(file: string): string | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return text.charCodeAt(0) === 0xfe_ff ? text.slice(1) : text;
}

/** True for the errors by which a file system says that there is nothing of that name. */
export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR');
}

/** What is at the path, links followed; null where there is nothing. */
export async function statIfThere(file: string): Promise<Stats | null> {
  try {
    return await stat(file);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
