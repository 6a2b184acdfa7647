import path from 'node:path';
import { renderAgents, renderCommand, renderLauncher, type RenderedFile } from '../../agents/render.ts';
import { LAUNCHER, type Form } from '../../agents/wiring.ts';
import { LIMITS } from '../model/limits.ts';
import { readTextIfThere, statIfThere } from '../system/read-text.ts';
import { lookForFolders, readExact, type FileChange } from './files.ts';
import { keepIfSame } from './line-ends.ts';
import { listObstacles } from './obstacles.ts';
import { planSettings } from './plan-settings.ts';
import { digest, parseRecord, printRecord, RECORD_FILE, type InstallRecord } from './record.ts';
import { hooksOff, LOCAL_SETTINGS_FILE, pluginOff, readSettingsFile, readUserSettings, SETTINGS_FILE } from './settings-files.ts';

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
  /** Absolute: where the client keeps what it knows of its user; null where there is no home. */
  readonly clientFolder: string | null;
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
export async function planInstall({ root, form, teams, version, clientFolder }: InstallRequest): Promise<PlanResult> {
  const record = await readRecord(root);
  if (record !== null && 'problem' in record) return { ok: false, problems: [record.problem] };
  if (record !== null && record.form !== form) return { ok: false, problems: [`spark-gates is set up here as ${record.form === 'plugin' ? 'a plugin' : 'hooks of the project'} already, and its hooks would run twice; run spark-gates uninstall first`] };
  const { missing, blocked } = await lookForFolders(root, FOLDERS);
  if (blocked.length > 0) return { ok: false, problems: blocked.map((folder) => `${folder} is a file; move it away`) };
  const recordText = await readExact(root, RECORD_FILE);
  const settings = await planSettings({ root, form, record, isFirst: recordText === null });
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
  const recordBefore = typeof recordText === 'string' ? recordText : null;
  const recordChange: FileChange = { file: RECORD_FILE, before: recordBefore, after: keepIfSame(recordBefore, printRecord(written)) };
  const changes = [...files.changes, recordChange, settings.change].filter(({ before, after }) => before !== after);
  const obstacles = await listObstacles(root, changes);
  if (obstacles.length > 0) return { ok: false, problems: obstacles };
  const shared = await readSettingsFile(root, SETTINGS_FILE);
  const local = await readSettingsFile(root, LOCAL_SETTINGS_FILE);
  const user = await readUserSettings(root, clientFolder);
  const notes = [
    ...[hooksOff([local, shared, user]), form === 'plugin' ? pluginOff(local) : null].filter((sentence) => sentence !== null),
    ...files.kept.map(({ file }) => `${file} was edited since it was installed, and is left as it is`),
    ...((await isInstalledAt(root)) ? [] : ['spark-gates is not installed in this project: run npm install --save-dev spark-gates; until then no gate runs, and each team that ends is told so']),
  ];
  return { ok: true, plan: { changes, folders: [], notes } };
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

interface KnownChange extends FileChange {
  /** What the record keeps for it, where that is not what is written now. */
  readonly written?: string;
}

async function planFiles(root: string, wanted: readonly RenderedFile[], record: InstallRecord | null): Promise<{ readonly changes: readonly KnownChange[]; readonly kept: readonly KnownChange[]; readonly problems: readonly string[] }> {
  const changes: KnownChange[] = [];
  const kept: KnownChange[] = [];
  const problems: string[] = [];
  const look = async (file: string, wantedText: string | null): Promise<void> => {
    const before = await readExact(root, file);
    const known = record?.files[file];
    if (typeof before === 'object' && before !== null) {
      problems.push(before.problem);
      return;
    }
    const after = keepIfSame(before, wantedText);
    if (before === null || before === after || digest(before) === known) changes.push({ file, before, after });
    else if (known !== undefined) kept.push({ file, before, after: before, written: known });
    else problems.push(`${file} is there already and is not of spark-gates; move it away, or remove it`);
  };
  for (const { file, content } of wanted) await look(file, content);
  const left = Object.keys(record?.files ?? {}).filter((file) => !wanted.some((one) => one.file === file));
  for (const file of left) await look(file, null);
  return { changes, kept, problems };
}
