import { isDeepStrictEqual } from 'node:util';
import path from 'node:path';
import { z } from 'zod';
import { LAUNCHER, hookGroups, type Form, type HookGroup } from '../../agents/wiring.ts';
import { PLUGIN_NAME } from '../model/agent-name.ts';
import { parseJson } from '../system/parse-json.ts';
import { statIfThere } from '../system/read-text.ts';
import { agentFault } from './agent-file.ts';
import type { ClientSettings } from './client-settings.ts';
import { readExact } from './files.ts';
import { projectFiles, readRecord } from './install.ts';
import { isSameText } from './line-ends.ts';
import { digest, type InstallRecord } from './record.ts';
import { hooksOff, LOCAL_SETTINGS_FILE, pluginOff, readSettingsFile, readUserSettings, SETTINGS_FILE } from './settings-files.ts';
import { isOurs, MARKETPLACE_FOLDER, wiredForm } from './settings-text.ts';

export interface Wiring {
  /** Null: nothing is set up. */
  readonly form: Form | null;
  /** In a few words. */
  readonly found: string;
  /** Keeps hooks from doing what they should; each says what to do. */
  readonly blocking: readonly string[];
  readonly advice: readonly string[];
}

export interface Inspected {
  /** Absolute: the repository's. */
  readonly root: string;
  /** Ours. */
  readonly version: string;
  /** Absolute: where the client keeps what it knows of its user; null where there is no home. */
  readonly clientFolder: string | null;
}

/** Whether the client of this repository finds what `init` has set up, as far as files tell. */
export async function inspectWiring({ root, version, clientFolder }: Inspected): Promise<Wiring> {
  const record = await readRecord(root);
  const isKnown = record !== null && !('problem' in record);
  const shared = await readSettingsFile(root, SETTINGS_FILE);
  const local = await readSettingsFile(root, LOCAL_SETTINGS_FILE);
  const user = await readUserSettings(root, clientFolder);
  const form = shared.settings === null ? null : wiredForm(shared.settings);
  const faults = [shared, local].flatMap(({ problem }) => (problem === null ? [] : [problem]));
  if (form === null) {
    const isLost = isKnown && shared.problem === null;
    return { form, found: isKnown ? 'set up, and not in the settings' : 'not set up (spark-gates init)', blocking: [...(isKnown || shared.mentionsUs ? faults : []), ...(isLost ? [`${SETTINGS_FILE} has no hooks of spark-gates any more: run spark-gates init, or spark-gates uninstall`] : [])], advice: [] };
  }
  const switched = [hooksOff([local, shared, user]), form === 'plugin' ? pluginOff(local) : null].filter((sentence) => sentence !== null);
  const parts = form === 'project' ? await inspectProject(root, shared.settings ?? {}, isKnown ? record : null) : await inspectPlugin(root, clientFolder);
  const old = isKnown && record.by !== version ? [`set up by spark-gates ${record.by}, and this is ${version}: run spark-gates init`] : [];
  return { form, found: form === 'project' ? 'hooks, agents and /multi_implement of the project' : 'the plugin', blocking: [...faults, ...switched, ...parts.blocking], advice: [...parts.advice, ...old] };
}

type Parts = Pick<Wiring, 'blocking' | 'advice'>;

async function inspectProject(root: string, settings: ClientSettings, record: InstallRecord | null): Promise<Parts> {
  const blocking: string[] = [];
  const advice: string[] = [];
  const missing: string[] = [];
  for (const [event, group] of hookGroups('project')) {
    const own = (settings.hooks?.[event] ?? []).filter(({ hooks }) => hooks?.some(isOurs));
    if (own.length === 0) missing.push(event);
    else if (own.length > 1) blocking.push(`${SETTINGS_FILE} has the hook of ${event} ${String(own.length)} times: take all but one out`);
    else if (keepsBack(own[0], group)) blocking.push(`${SETTINGS_FILE}: the hook of ${event} is called for less than it must be, or ended before it can answer (matcher, timeout): run spark-gates init after you have taken it out`);
    else if (!isDeepStrictEqual(own[0], group)) advice.push(`${SETTINGS_FILE}: the hook of ${event} is not as this version sets it up: run spark-gates init, unless you want it so`);
  }
  if (missing.length > 0) blocking.push(`${SETTINGS_FILE} has no hook of ${missing.join(', ')}: run spark-gates init`);
  const gone: string[] = [];
  for (const { file, content } of projectFiles(record?.teams ?? 1)) {
    const text = await readExact(root, file);
    if (typeof text !== 'string') gone.push(file);
    else if (file === LAUNCHER && !isSameText(text, content)) blocking.push(`${file} is not of this version: run spark-gates init${record?.files[file] === digest(text) ? '' : ', after you have removed it'}`);
    else if (file.startsWith('.claude/agents/')) {
      const fault = agentFault(path.posix.basename(file, '.md'), text);
      if (fault !== null) blocking.push(`${file}: ${fault}, so the client does not know the agent: mend it`);
    }
  }
  if (gone.length > 0) blocking.push(`${gone.slice(0, 3).join(', ')}${gone.length > 3 ? ` and ${String(gone.length - 3)} more` : ''} not there: run spark-gates init`);
  return { blocking, advice };
}

/** The end of an agent must reach us whoever it is, and for as long as gates take. */
function keepsBack(own: unknown, { matcher, hooks: [{ timeout }] }: HookGroup): boolean {
  const { matcher: theirs, hooks } = own as NonNullable<NonNullable<ClientSettings['hooks']>[string]>[number];
  const limit = hooks?.find(isOurs)?.timeout;
  return (matcher === undefined && theirs !== undefined && theirs !== '' && theirs !== '*') || (typeof limit === 'number' && timeout >= JUDGING_SECONDS_MIN && limit < timeout);
}

/** Events with so much time end with a judgement. */
const JUDGING_SECONDS_MIN = 500;

async function inspectPlugin(root: string, clientFolder: string | null): Promise<Parts> {
  if (!(await hasMarketplace(path.join(root, MARKETPLACE_FOLDER)))) return { blocking: [`the plugin is enabled, and ${MARKETPLACE_FOLDER} is not there: run npm install --save-dev spark-gates`], advice: [] };
  const known = clientFolder === null ? null : await knownMarketplace(clientFolder);
  if (known !== null && (await hasMarketplace(known))) return { blocking: [], advice: [] };
  const why = known === null ? 'does not know the plugin yet' : `looks for the plugin in ${known}, where it is no more`;
  return { blocking: [`the client ${why}, so that no hook runs: run claude plugin marketplace add ${MARKETPLACE_FOLDER} (not needed with --plugin-dir)`], advice: [] };
}

async function hasMarketplace(folder: string): Promise<boolean> {
  return (await statIfThere(path.join(folder, '.claude-plugin', 'marketplace.json'))) !== null;
}

const knownSchema = z.looseObject({ [PLUGIN_NAME]: z.looseObject({ installLocation: z.string() }) });

/** Where the client has our marketplace from, by a file of its own, as seen on 2.1.330; null where it has not. */
async function knownMarketplace(clientFolder: string): Promise<string | null> {
  const text = await readExact(clientFolder, 'plugins/known_marketplaces.json');
  const known = knownSchema.safeParse(typeof text === 'string' ? parseJson(text) : null);
  return known.success ? known.data[PLUGIN_NAME].installLocation : null;
}
