import path from 'node:path';
import { renderAgents, renderCommand, renderLauncher, type RenderedFile } from '../../agents/render.ts';
import { LAUNCHER, type Form } from '../../agents/wiring.ts';
import { LIMITS } from '../model/limits.ts';
import { readTextIfThere, statIfThere } from '../system/read-text.ts';
import { readSettings } from './client-settings.ts';
import { lookForFolders, readExact, type FileChange } from './files.ts';
import { applyEdits, invertEdits } from './json-text.ts';
import { digest, parseRecord, printRecord, RECORD_FILE, type InstallRecord } from './record.ts';
import { wiredForm, wiringEdits, withoutWiring } from './settings-text.ts';

export const SETTINGS_FILE = '.claude/settings.json';

/** The deepest first. */
const FOLDERS = ['.claude/spark-gates', '.claude/agents', '.claude/commands', '.claude'];

export interface InstallRequest {
  /** Absolute. */
  readonly root: string;
  readonly form: Form;
  /** How many teams get agents; null: as many as before, else the default. */
  readonly teams: number | null;
  /** Ours. */
  readonly version: string;
}

export type PlanResult =
  | { readonly ok: true; readonly plan: Plan }
  /** Sentences; nothing is to be done then. */
  | { readonly ok: false; readonly problems: readonly string[] };

export interface Plan {
  /** In the order in which they are to be made: hooks only once what they start is there. */
  readonly changes: readonly FileChange[];
  /** To be removed afterwards if they are empty; the deepest first. */
  readonly folders: readonly string[];
  readonly notes: readonly string[];
}

/** What `init` would do. Files that are not ours are left alone; where one is in the way, nothing is done. */
export async function planInstall({ root, form, teams, version }: InstallRequest): Promise<PlanResult> {
  const record = await readRecord(root);
  if (record !== null && 'problem' in record) return { ok: false, problems: [record.problem] };
  if (record !== null && record.form !== form) return { ok: false, problems: [`spark-gates is set up here as ${record.form === 'plugin' ? 'a plugin' : 'hooks of the project'} already, and its hooks would run twice; run spark-gates uninstall first`] };
  const { missing, blocked } = await lookForFolders(root, FOLDERS);
  if (blocked.length > 0) return { ok: false, problems: blocked.map((folder) => `${folder} is a file; move it away`) };
  const settings = await planSettings(root, form, record);
  const count = teams ?? record?.teams ?? LIMITS.parallelTeamsDefault;
  const wanted = form === 'project' ? projectFiles(count) : [];
  const files = await planFiles(root, wanted, record);
  if (!settings.ok) return { ok: false, problems: [settings.problem, ...files.problems] };
  if (files.problems.length > 0) return { ok: false, problems: files.problems };
  const written: InstallRecord = {
    version: 1, by: version, form, teams: count,
    files: Object.fromEntries([...files.changes, ...files.kept].flatMap(({ file, after, written: known }) => (after === null ? [] : [[file, known ?? digest(after)]]))),
    folders: [...new Set([...(record?.folders ?? []), ...missing])].sort((a, b) => FOLDERS.indexOf(a) - FOLDERS.indexOf(b)).filter((folder) => form === 'project' || !['.claude/agents', '.claude/commands'].includes(folder)),
    settings: settings.record,
  };
  const recordText = await readExact(root, RECORD_FILE);
  const recordChange: FileChange = { file: RECORD_FILE, before: typeof recordText === 'string' ? recordText : null, after: printRecord(written) };
  const notes = [
    ...files.kept.map(({ file }) => `${file} was edited since it was installed, and is left as it is`),
    ...((await isInstalledAt(root)) ? [] : ['spark-gates is not installed in this project: run npm install --save-dev spark-gates; until then no gate runs, and each team that ends is told so']),
  ];
  return { ok: true, plan: { changes: [...files.changes, recordChange, settings.change].filter(({ before, after }) => before !== after), folders: [], notes } };
}

/** Everything of ours that a project gets besides the record and the settings. */
export function projectFiles(teams: number): RenderedFile[] {
  const command = renderCommand('project');
  return [
    { file: LAUNCHER, content: renderLauncher() },
    ...renderAgents(teams, 'launcher').map(({ file, content }) => ({ file: path.posix.join('.claude/agents', file), content })),
    { file: path.posix.join('.claude/commands', command.file), content: command.content },
  ];
}

/** Where the launcher looks first: in `node_modules` of the root and of the folders above, or the root is our own repository. */
async function isInstalledAt(root: string): Promise<boolean> {
  const name = /"name":\s*"spark-gates"/;
  if (name.test(readTextIfThere(path.join(root, 'package.json')) ?? '')) return true;
  for (let folder = root; ; folder = path.dirname(folder)) {
    if ((await statIfThere(path.join(folder, 'node_modules', 'spark-gates', 'package.json'))) !== null) return true;
    if (path.dirname(folder) === folder) return false;
  }
}

/** Null where there is none, and where one cannot be read: it is written anew then. */
export async function readRecord(root: string): Promise<InstallRecord | null | { readonly problem: string }> {
  const text = await readExact(root, RECORD_FILE);
  return typeof text === 'string' ? parseRecord(text) : text;
}

type SettingsPlan =
  | { readonly ok: true; readonly change: FileChange; readonly record: InstallRecord['settings'] }
  | { readonly ok: false; readonly problem: string };

async function planSettings(root: string, form: Form, record: InstallRecord | null): Promise<SettingsPlan> {
  const current = await readExact(root, SETTINGS_FILE);
  if (typeof current === 'object' && current !== null) return { ok: false, problem: current.problem };
  const base = current === null ? null : baseOf(current, record);
  // An empty file is one by mistake; what it would be with hooks in it is clear.
  const start = base === null || base.trim() === '' ? '{}\n' : base;
  const read = readSettings(start);
  if (!read.ok) return { ok: false, problem: `${SETTINGS_FILE}: ${read.problem}` };
  if (read.settings.disableAllHooks === true) return { ok: false, problem: `${SETTINGS_FILE}: disableAllHooks is true, so that no hook would run; take it out` };
  const other = wiredForm(read.settings);
  if (other !== null && other !== form) return { ok: false, problem: `${SETTINGS_FILE}: spark-gates is set up there as ${other === 'plugin' ? 'a plugin' : 'hooks of the project'} already, and its hooks would run twice; run spark-gates uninstall first` };
  const edits = wiringEdits(start, form);
  const after = applyEdits(start, edits);
  const undo = base === null ? [] : base === start ? invertEdits(start, edits) : [{ offset: 0, length: after.length, content: base }];
  return { ok: true, change: { file: SETTINGS_FILE, before: current, after }, record: { before: base === null ? null : digest(base), after: digest(after), undo } };
}

/** The settings as they are without us: as they were, if nobody has touched them since. Null: there were none. */
export function baseOf(current: string, record: InstallRecord | null): string | null {
  if (record !== null && digest(current) === record.settings.after) {
    if (record.settings.before === null) return null;
    const base = applyEdits(current, record.settings.undo);
    if (digest(base) === record.settings.before) return base;
  }
  if (!readSettings(current).ok) return current;
  const stripped = withoutWiring(current);
  return record?.settings.before === null && stripped.trim() === '{}' ? null : stripped;
}

interface KnownChange extends FileChange {
  /** What the record keeps for it, where that is not what is written now. */
  readonly written?: string;
}

async function planFiles(root: string, wanted: readonly RenderedFile[], record: InstallRecord | null): Promise<{ readonly changes: readonly KnownChange[]; readonly kept: readonly KnownChange[]; readonly problems: readonly string[] }> {
  const changes: KnownChange[] = [];
  const kept: KnownChange[] = [];
  const problems: string[] = [];
  const look = async (file: string, after: string | null): Promise<void> => {
    const before = await readExact(root, file);
    const known = record?.files[file];
    if (typeof before === 'object' && before !== null) problems.push(before.problem);
    else if (before === null || before === after || digest(before) === known) changes.push({ file, before, after });
    else if (known !== undefined) kept.push({ file, before, after: before, written: known });
    else problems.push(`${file} is there already and is not of spark-gates; move it away, or remove it`);
  };
  for (const { file, content } of wanted) await look(file, content);
  const left = Object.keys(record?.files ?? {}).filter((file) => !wanted.some((one) => one.file === file));
  for (const file of left) await look(file, null);
  return { changes, kept, problems };
}
