import { hookGroups, LAUNCHER, type Form } from '../../agents/wiring.ts';
import { PLUGIN_NAME } from '../model/agent-name.ts';
import { isRecord } from '../system/is-record.ts';
import { readSettings, withoutMark, type ClientSettings } from './client-settings.ts';
import { appendItem, applyEdits, removeAt, setProperty, type TextEdit } from './json-text.ts';

/** The plugin as settings name it, and where the package has its marketplace, relative to the project's root. */
export const PLUGIN_ID = `${PLUGIN_NAME}@${PLUGIN_NAME}`;
export const MARKETPLACE_FOLDER = './node_modules/spark-gates/dist';

/** What is put into settings that lack it, in edits of which each follows the one before. The text has been read by `readSettings`. */
export function wiringEdits(text: string, form: Form): TextEdit[] {
  const edits: TextEdit[] = [];
  let current = withoutMark(text);
  const shift = text.length - current.length;
  const add = (edit: TextEdit | null): void => {
    if (edit === null) return;
    current = applyEdits(current, [edit]);
    edits.push({ ...edit, offset: edit.offset + shift });
  };
  if (form === 'project') {
    for (const [event, group] of hookGroups('project')) add(appendItem(current, ['hooks', event], group));
  } else {
    add(setProperty(current, ['extraKnownMarketplaces', PLUGIN_NAME], { source: { source: 'directory', path: MARKETPLACE_FOLDER } }));
    add(setProperty(current, ['enabledPlugins', PLUGIN_ID], true));
  }
  return edits;
}

/**
 * What takes out everything of ours (of one form, where it is given), found by what it says, in edits of which each follows the one
 * before. Lists and objects that are empty then go, too.
 */
export function unwiringEdits(text: string, form?: Form): TextEdit[] {
  const edits: TextEdit[] = [];
  let current = withoutMark(text);
  const shift = text.length - current.length;
  const remove = (path: readonly (string | number)[]): void => {
    const edit = removeAt(current, path);
    current = applyEdits(current, [edit]);
    edits.push({ ...edit, offset: edit.offset + shift });
  };
  for (let path = ourNext(current, form); path !== null; path = ourNext(current, form)) {
    remove(path);
    for (let above = path.slice(0, -1); above.length > 0 && isEmptyAt(current, above); above = above.slice(0, -1)) remove(above);
  }
  return edits;
}

/** The text without anything of ours; for one that was edited since. */
export function withoutWiring(text: string, form?: Form): string {
  return applyEdits(text, unwiringEdits(text, form));
}

/** Whether a hook of settings is ours: it starts our launcher. */
export function isOurs(hook: unknown): boolean {
  if (!isRecord(hook)) return false;
  const words = [hook.command, ...(Array.isArray(hook.args) ? (hook.args as unknown[]) : [])];
  return words.some((word) => typeof word === 'string' && word.includes(LAUNCHER));
}

/** Which form settings are wired in; null: in none. */
export function wiredForm(settings: ClientSettings): Form | null {
  return isWiredAs('project', settings) ? 'project' : isWiredAs('plugin', settings) ? 'plugin' : null;
}

export function isWiredAs(form: Form, settings: ClientSettings): boolean {
  if (form === 'plugin') return settings.enabledPlugins?.[PLUGIN_ID] === true;
  return Object.values(settings.hooks ?? {}).some((groups) => groups.some((group) => group.hooks?.some(isOurs) === true));
}

function ourNext(text: string, form?: Form): (string | number)[] | null {
  const read = readSettings(text);
  if (!read.ok) return null;
  return (form === 'plugin' ? null : ourHook(read.settings)) ?? (form === 'project' ? null : ourPlugin(read.settings));
}

function ourHook(settings: ClientSettings): (string | number)[] | null {
  for (const [event, groups] of Object.entries(settings.hooks ?? {})) {
    for (const [index, { hooks = [] }] of groups.entries()) {
      const own = hooks.findIndex(isOurs);
      if (own !== -1) return hooks.length === 1 ? ['hooks', event, index] : ['hooks', event, index, 'hooks', own];
    }
  }
  return null;
}

function ourPlugin(settings: ClientSettings): string[] | null {
  if (settings.enabledPlugins !== undefined && Object.hasOwn(settings.enabledPlugins, PLUGIN_ID)) return ['enabledPlugins', PLUGIN_ID];
  if (settings.extraKnownMarketplaces !== undefined && Object.hasOwn(settings.extraKnownMarketplaces, PLUGIN_NAME)) return ['extraKnownMarketplaces', PLUGIN_NAME];
  return null;
}

function isEmptyAt(text: string, path: readonly (string | number)[]): boolean {
  let value: unknown = JSON.parse(text);
  for (const key of path) value = isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[key] : undefined;
  return (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);
}
