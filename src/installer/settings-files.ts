import path from 'node:path';
import { readSettings, type ClientSettings } from './client-settings.ts';
import { readExact } from './files.ts';
import { PLUGIN_ID } from './settings-text.ts';

/** Relative to the root: for all who work here. */
export const SETTINGS_FILE = '.claude/settings.json';

/** Relative to the root: of one person, and of this repository. */
export const LOCAL_SETTINGS_FILE = '.claude/settings.local.json';

export interface SettingsFile {
  /** As people are told of it. */
  readonly file: string;
  /** Null: there are none that the client would read. */
  readonly settings: ClientSettings | null;
  /** Why the client would not read them, with what to do; null: it would, or there is no such file. */
  readonly problem: string | null;
  readonly mentionsUs: boolean;
}

/** `file` is relative to the root, or absolute. */
export async function readSettingsFile(root: string, file: string): Promise<SettingsFile> {
  const text = await readExact(root, file);
  if (text === null) return { file, settings: null, problem: null, mentionsUs: false };
  if (typeof text !== 'string') return { file, settings: null, problem: text.problem, mentionsUs: false };
  const read = readSettings(text);
  return { file, settings: read.ok ? read.settings : null, problem: read.ok ? null : `${file}: ${read.problem}`, mentionsUs: text.includes('spark-gates') };
}

/** One person's settings for all repositories; null where there is no home, and where the repository is the home. */
export async function readUserSettings(root: string, clientFolder: string | null): Promise<SettingsFile | null> {
  const file = clientFolder === null ? null : path.join(clientFolder, 'settings.json');
  return file === null || file === path.join(root, SETTINGS_FILE) ? null : readSettingsFile(root, file);
}

/**
 * Which of these settings keeps all hooks from running; null: none does. The nearest comes first (of one person here, of the repository,
 * of one person): the client (seen on 2.1.330) goes by the first that says anything.
 */
export function hooksOff(settings: readonly (SettingsFile | null)[]): string | null {
  const first = settings.find((one) => one?.settings?.disableAllHooks !== undefined);
  return first?.settings?.disableAllHooks === true ? `${first.file}: disableAllHooks is true, so that no hook runs: take it out` : null;
}

/** How one person has switched off the plugin that the project enables; null: not. */
export function pluginOff({ file, settings }: SettingsFile): string | null {
  return settings?.enabledPlugins?.[PLUGIN_ID] === false ? `${file}: the plugin ${PLUGIN_ID} is switched off: take that out` : null;
}
