import { hookGroups, LAUNCHER, type Form } from '../../agents/wiring.ts';
import { PLUGIN_NAME } from '../model/agent-name.ts';
import { isRecord } from '../system/is-record.ts';
import { MARK, readSettings, withoutMark, type ClientSettings } from './client-settings.ts';
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

/** The text without anything of ours, found by what it says; for one that was edited since. Lists and objects that are empty then go, too. */
export function withoutWiring(text: string): string {
  let current = withoutMark(text);
  for (let path = ourNext(current); path !== null; path = ourNext(current)) {
    current = applyEdits(current, [removeAt(current, path)]);
    for (let above = path.slice(0, -1); above.length > 0 && isEmptyAt(current, above); above = above.slice(0, -1)) current = applyEdits(current, [removeAt(current, above)]);
  }
  return text.startsWith(MARK) ? MARK + current : current;
}

/** Whether a hook of settings is ours: it starts our launcher. */
export function isOurs(hook: unknown): boolean {
  if (!isRecord(hook)) return false;
  const words = [hook.command, ...(Array.isArray(hook.args) ? (hook.args as unknown[]) : [])];
  return words.some((word) => typeof word === 'string' && word.includes(LAUNCHER));
}

/** Which form settings are wired in; null: in none. */
export function wiredForm(settings: ClientSettings): Form | null {
  if (Object.values(settings.hooks ?? {}).some((groups) => groups.some((group) => group.hooks?.some(isOurs) === true))) return 'project';
  return settings.enabledPlugins?.[PLUGIN_ID] === true ? 'plugin' : null;
}

function ourNext(text: string): (string | number)[] | null {
  const read = readSettings(text);
  if (!read.ok) return null;
  const { settings } = read;
  for (const [event, groups] of Object.entries(settings.hooks ?? {})) {
    for (const [index, { hooks = [] }] of groups.entries()) {
      const own = hooks.findIndex(isOurs);
      if (own !== -1) return hooks.length === 1 ? ['hooks', event, index] : ['hooks', event, index, 'hooks', own];
    }
  }
  if (settings.enabledPlugins !== undefined && Object.hasOwn(settings.enabledPlugins, PLUGIN_ID)) return ['enabledPlugins', PLUGIN_ID];
  if (settings.extraKnownMarketplaces !== undefined && Object.hasOwn(settings.extraKnownMarketplaces, PLUGIN_NAME)) return ['extraKnownMarketplaces', PLUGIN_NAME];
  return null;
}

function isEmptyAt(text: string, path: readonly (string | number)[]): boolean {
  let value: unknown = JSON.parse(text);
  for (const key of path) value = isRecord(value) || Array.isArray(value) ? (value as Record<string | number, unknown>)[key] : undefined;
  return (Array.isArray(value) && value.length === 0) || (isRecord(value) && Object.keys(value).length === 0);
}
