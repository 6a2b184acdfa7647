import type { Form } from '../../agents/wiring.ts';
import { readSettings } from './client-settings.ts';
import { readExact, type FileChange } from './files.ts';
import { applyEdits, invertEdits } from './json-text.ts';
import { keepIfSame, toUnixEnds, toWindowsEnds } from './line-ends.ts';
import { digest, type InstallRecord } from './record.ts';
import { SETTINGS_FILE } from './settings-files.ts';
import { isWiredAs, unwiringEdits, wiringEdits, withoutWiring } from './settings-text.ts';

export interface SettingsRequest {
  /** Absolute. */
  readonly root: string;
  readonly form: Form;
  /** Null: there is none, or it cannot be read. */
  readonly record: InstallRecord | null;
  /** Nothing was ever set up here by `init`: what the settings say of us already is their owner's, to be had back. */
  readonly isFirst: boolean;
}

export type SettingsPlan =
  | { readonly ok: true; readonly change: FileChange; readonly record: InstallRecord['settings'] }
  | { readonly ok: false; readonly problem: string };

/** What `init` would do to the settings, and how that can be undone. */
export async function planSettings({ root, form, record, isFirst }: SettingsRequest): Promise<SettingsPlan> {
  const current = await readExact(root, SETTINGS_FILE);
  if (typeof current === 'object' && current !== null) return { ok: false, problem: current.problem };
  const base = current === null || isFirst ? current : baseOf(current, record);
  // An empty file is one by mistake; what it would be with hooks in it is clear.
  const start = base === null || base.trim() === '' ? '{}\n' : base;
  const read = readSettings(start);
  if (!read.ok) return { ok: false, problem: `${SETTINGS_FILE}: ${read.problem}` };
  if (read.settings.disableAllHooks === true) return { ok: false, problem: `${SETTINGS_FILE}: disableAllHooks is true, so that no hook would run; take it out` };
  if (isWiredAs(form === 'plugin' ? 'project' : 'plugin', read.settings)) return { ok: false, problem: `${SETTINGS_FILE}: spark-gates is set up there as ${form === 'project' ? 'a plugin' : 'hooks of the project'} already, and its hooks would run twice; run spark-gates uninstall first` };
  const out = unwiringEdits(start, form);
  const edits = [...out, ...wiringEdits(applyEdits(start, out), form)];
  const after = applyEdits(start, edits);
  const undo = base === null ? [] : base === start ? invertEdits(start, edits) : [{ offset: 0, length: after.length, content: base }];
  const written = { before: base === null ? null : digest(base), after: digest(after), undo };
  // In a clone with other line ends the places to undo are others: whoever runs it there must not write them down anew for everybody.
  const isKnown = record !== null && record.settings.before === written.before && record.settings.after === written.after;
  return { ok: true, change: { file: SETTINGS_FILE, before: current, after: keepIfSame(current, after) }, record: isKnown ? record.settings : written };
}

/** The settings as they are without us: as they were, if nobody has touched them since. Null: there were none. */
export function baseOf(current: string, record: InstallRecord | null): string | null {
  const undone = record === null ? null : undo(current, record.settings);
  if (undone !== null) return undone.base;
  if (!readSettings(current).ok) return current;
  const stripped = withoutWiring(current, record?.form);
  return record?.settings.before === null && stripped.trim() === '{}' ? null : stripped;
}

/** Null: the settings are not as `init` left them. The edits fit one kind of line ends; what they lead to gets those that are there now. */
function undo(current: string, { before, after, undo: edits }: InstallRecord['settings']): { readonly base: string | null } | null {
  if (digest(current) !== after) return null;
  if (before === null) return { base: null };
  for (const text of [current, toUnixEnds(current), toWindowsEnds(current)]) {
    const base = applyEdits(text, edits);
    if (digest(base) === before) return { base: text === current ? base : current.includes('\r\n') ? toWindowsEnds(base) : toUnixEnds(base) };
  }
  return null;
}
