import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { start } from '../cli/start.ts';
import { makeDaemonHome } from '../rig/daemon.ts';
import { goodPart, makeHookShop, PARTS, startSession } from '../rig/hooks.ts';
import { serveMessages, type Asked, type Turn } from '../rig/messages-api.ts';
import { REPOSITORY, type Project } from '../rig/project.ts';

/** The client's binary. It is not ours, and never fetched from here; without it there is nothing to try. */
const CLIENT = process.env.SPARK_GATES_CLIENT;
const ROLES = ['implementer', 'quality'] as const;

/** How it is set up: what was typed, and what comes before agents' names and with the client's words then. */
const FORMS = {
  'by init': { args: ['init'], prefix: '', words: [] },
  'by the plugin': { args: ['init', '--plugin'], prefix: 'spark-gates:', words: ['--plugin-dir', path.join(REPOSITORY, 'dist', 'plugin')] },
} as const;

test.skipIf(CLIENT === undefined).each(Object.entries(FORMS))('four subagents of the real client work under gates, set up %s (skipped where SPARK_GATES_CLIENT names no client)', async (_, { args, prefix, words }) => {
  await using shop = await makeHookShop();
  await using home = await makeDaemonHome();
  await symlink(REPOSITORY, path.join(shop.root, 'node_modules', 'spark-gates'), 'dir');
  const set = await start(shop.root, args).ended;
  expect({ exitCode: set.exitCode, stderr: set.stderr }).toEqual({ exitCode: 0, stderr: '' });
  await shop.git('add', '--all');
  await shop.git('commit', '--quiet', '--message', 'Wire');
  await startSession(shop);
  const heard: Record<string, string[]> = {};
  await using api = await serveMessages((asked) => {
    const [, role, team] = /\*\*(implementer|quality)[ a-z]* of (team\d)\*\*/.exec(asked.system) ?? [];
    const who = team === undefined || role === undefined ? 'main' : `${team}_${role}`;
    (heard[who] ??= []).push(asked.last);
    return SCRIPT[who]?.(asked, shop.root) ?? mainTurn(asked, prefix);
  });
  expect(await runClient(shop, words, { ...home.environment, ANTHROPIC_BASE_URL: api.url })).toBe(0);

  const said = (who: string): string => (heard[who] ?? []).join('\n');
  expect(said('team1_implementer')).toContain('type_verification failed');
  expect(said('team2_quality')).toContain('test_coverage failed');
  expect(said('team3_implementer')).toContain('src/billing/total.ts belongs to team1 until its task TASK-billing is completed');
  // The clean one is asked twice: for its work, and for its report.
  expect(heard.team4_implementer?.length).toBe(2);
  const { tasks } = JSON.parse(await readFile(path.join(shop.root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination;
  expect(Object.values(tasks).map(({ phase, retry_count: retries, result }) => [phase, retries, Object.values(result.gates).every(({ status }) => status === 'passed' || status === 'skipped')])).toEqual([
    ['testing', 0, true], ['testing', 1, true], ['testing', 0, true], ['testing', 0, true],
  ]);
});

type Script = (asked: Asked, root: string) => Turn;

const report: Turn = { text: 'The full report.' };
const write = (root: string, files: Readonly<Record<string, string>>): Turn => ({ tools: Object.entries(files).map(([file, content]) => ({ name: 'Write', input: { file_path: path.join(root, file), content } })) });
const only = (files: Record<string, string>, end: string): Record<string, string> => Object.fromEntries(Object.entries(files).filter(([file]) => file.endsWith(end)));

const SCRIPT: Readonly<Record<string, Script>> = {
  team1_implementer: ({ turn }, root) => [write(root, { ...goodPart('billing'), 'src/billing/total.ts': '/** No number. */\nexport const total: number = "none";\n' }), report, write(root, only(goodPart('billing'), 'total.ts'))][turn] ?? report,
  team2_implementer: ({ turn }, root) => (turn === 0 ? write(root, only(goodPart('catalog'), 'total.ts')) : report),
  team2_quality: ({ turn }, root) => (turn === 1 ? write(root, goodPart('catalog')) : report),
  team3_implementer: ({ turn }, root) => [write(root, { 'src/billing/total.ts': '// ours now\n' }), write(root, goodPart('checkout'))][turn] ?? report,
  team4_implementer: ({ turn }, root) => (turn === 0 ? write(root, goodPart('search')) : report),
  team1_quality: () => report,
  team3_quality: () => report,
  team4_quality: () => report,
};

function mainTurn({ turn }: Asked, prefix: string): Turn {
  const role = ROLES[turn];
  if (role === undefined) return report;
  return { tools: PARTS.map((_, index) => ({ name: 'Agent', input: { description: role, prompt: 'Do your work', subagent_type: `${prefix}team${String(index + 1)}_${role}`, run_in_background: false } })) };
}

/** A client with a home and an environment of its own, that talks to nobody but our model. */
async function runClient({ root }: Project, words: readonly string[], more: Readonly<Record<string, string>>): Promise<number | null> {
  const home = path.join(path.dirname(root), 'home');
  await mkdir(home);
  const quiet = Object.fromEntries(['CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC', 'DISABLE_TELEMETRY', 'DISABLE_AUTOUPDATER', 'DISABLE_ERROR_REPORTING', 'IS_SANDBOX'].map((name) => [name, '1']));
  const child = spawn(CLIENT ?? '', ['-p', 'Implement all', '--output-format', 'stream-json', '--verbose', '--permission-mode', 'bypassPermissions', ...words], {
    cwd: root, env: { PATH: process.env.PATH, HOME: home, TMPDIR: home, LANG: 'C.UTF-8', ANTHROPIC_API_KEY: 'none', ...quiet, ...more }, stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return exitCode;
}
