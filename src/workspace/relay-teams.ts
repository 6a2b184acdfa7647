import { readdirSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { FINAL_STATUSES } from '../model/documents.ts';
import { compareText } from '../model/finding.ts';
import { relayFolder } from '../model/relay-files.ts';
import { isMissing, readTextIfThere } from '../system/read-text.ts';

/** The keys of the specification's team context that say who owns what; the others are the relay's business. */
const contextSchema = z.looseObject({
  team_id: z.string().min(1),
  status: z.string(),
  assigned_files: z.array(z.string().min(1)),
});

export type RelayTeams =
  | {
      readonly ok: true;
      /** Team → its assigned files as written, teams sorted by name. Without those that are done with. */
      readonly globs: Readonly<Record<string, readonly string[]>>;
      readonly notes: readonly string[];
    }
  /** One sentence. */
  | { readonly ok: false; readonly problem: string };

/**
 * The teams at work according to `team{N}_current_task.json` in the relay's folder, relative to `mainRoot`. One that cannot be read
 * is a problem: left out, its team would own nothing and so be free of every gate. What agents write there by hand is believed
 * for a moment: it says no more here than who owns what.
 */
export function readRelayTeams(mainRoot: string, configured: string): RelayTeams {
  const folder = relayFolder(mainRoot, configured);
  const globs = new Map<string, readonly string[]>();
  const notes: string[] = [];
  for (const name of taskFiles(folder)) {
    const context = readContext(path.join(folder, name));
    const shown = path.relative(mainRoot, path.join(folder, name)).split(path.sep).join('/');
    if (typeof context === 'string') return { ok: false, problem: `${shown} does not say which files its team owns: ${context}; restore it, remove it, or name the teams with --team` };
    if (!FINAL_STATUSES.has(context.status)) {
      if (context.assigned_files.length === 0) notes.push(`${shown}: team "${context.team_id}" is at work and no file is assigned to it, so nothing is judged for it`);
      if (globs.has(context.team_id)) notes.push(`${shown} names the team "${context.team_id}" once more; its files are added`);
      globs.set(context.team_id, [...(globs.get(context.team_id) ?? []), ...context.assigned_files]);
    }
  }
  return { ok: true, globs: Object.fromEntries([...globs].sort(([a], [b]) => compareText(a, b))), notes };
}

function taskFiles(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^team\d+_current_task\.json$/.test(name)).sort(compareText);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function readContext(file: string): z.output<typeof contextSchema> | string {
  let raw: unknown;
  try {
    raw = JSON.parse(readTextIfThere(file) ?? '');
  } catch (error) {
    if (error instanceof SyntaxError) return `it is not valid JSON (${error.message})`;
    throw error;
  }
  const result = contextSchema.safeParse(raw);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'is wrong'}`;
}
