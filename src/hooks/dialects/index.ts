import { claude } from './claude.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import type { Dialect } from './dialect.ts';

/** Every client that `--agent` can name. A new one is a file beside this one and a line below. */
export const DIALECTS = { claude, codex, cursor, copilot, gemini } as const satisfies Readonly<Record<string, Dialect>>;

export type DialectName = keyof typeof DIALECTS;

export function dialectOf(name: string): Dialect | null {
  return Object.hasOwn(DIALECTS, name) ? DIALECTS[name as DialectName] : null;
}
