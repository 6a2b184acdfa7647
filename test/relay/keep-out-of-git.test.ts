import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { isRelayFile, RELAY_FOLDER } from '../../src/model/relay-files.ts';
import { keepOutOfGit } from '../../src/relay/keep-out-of-git.ts';
import { systemDisk } from '../../src/system/disk.ts';
import { makeProject } from '../rig/project.ts';

const OURS = ['team12_current_task.json', 'multi_task_coordination.json.broken-2', 'file_locks.json', 'agents.json', 'hook_agents.json', 'report.md', 'report.json', 'events.ndjson', 'events-1.ndjson', '.staging/transaction', 'agent-output/team1.txt', 'file_locks.json.lock/holder'];

test('git takes nothing that the relay writes, and all that lies beside it', async () => {
  const all = [...OURS, 'tasks.json', 'notes/report.md'].map((name) => `${RELAY_FOLDER}/${name}`);
  await using project = await makeProject(Object.fromEntries(all.map((name) => [name, ''])), { git: false });
  await project.git('init', '--quiet');
  await keepOutOfGit(path.join(project.root, RELAY_FOLDER), systemDisk);
  await project.git('add', '--all');
  const taken = (await project.git('ls-files')).split('\n');
  expect(taken).toEqual([`${RELAY_FOLDER}/notes/report.md`, `${RELAY_FOLDER}/tasks.json`]);
  expect(all.filter((name) => isRelayFile(name, RELAY_FOLDER) === taken.includes(name))).toEqual([]);
});

test('a .gitignore that is there stays as it is, and where none can be made nothing happens', async () => {
  await using project = await makeProject({ [`${RELAY_FOLDER}/.gitignore`]: '# ours\n' });
  await keepOutOfGit(path.join(project.root, RELAY_FOLDER), systemDisk);
  await keepOutOfGit(path.join(project.root, 'none'), systemDisk);
  expect(await readFile(path.join(project.root, RELAY_FOLDER, '.gitignore'), 'utf8')).toBe('# ours\n');
});
