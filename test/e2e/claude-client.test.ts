import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Coordination } from '../../src/model/documents.ts';
import { start } from '../cli/start.ts';
import { callClient, CLIENT, runClient } from '../rig/client.ts';
import { makeDaemonHome } from '../rig/daemon.ts';
import { goodPart, makeHookShop, PARTS, startSession } from '../rig/hooks.ts';
import { serveMessages, type Asked, type Turn } from '../rig/messages-api.ts';
import { REPOSITORY, type Project } from '../rig/project.ts';

/** How it is set up: what is typed, to us and then to the client, and what comes before agents' names. */
const FORMS = {
  'by init': { args: ['init'], words: [], prefix: '' },
  'by the plugin': { args: ['init', '--plugin'], words: ['plugin', 'marketplace', 'add', './node_modules/spark-gates/dist'], prefix: 'spark-gates:' },
} as const;
type Form = (typeof FORMS)[keyof typeof FORMS];

const each = test.skipIf(CLIENT === undefined).each(Object.entries(FORMS));

each('two subagents of the real client work under gates, set up %s (skipped where SPARK_GATES_CLIENT names no client)', async (_, form) => {
  const played = await play(form, { team1_implementer: wrongThenMended, team2_implementer: ({ turn }, root) => (turn === 0 ? write(root, goodPart('catalog')) : report) }, { teams: 2 });
  expect(played.said('team1_implementer')).toContain(WRONG_TYPE);
  expect([played.turns('team1_implementer'), played.turns('team2_implementer')]).toEqual([4, 2]);
  expect(played.tasks.map(({ phase, attempts }) => [phase, attempts])).toEqual([['quality', 1], ['quality', 1]]);
});

each('four subagents of the real client work under gates, set up %s (skipped where SPARK_GATES_CLIENT names no client)', async (_, form) => {
  const played = await play(form, {
    team1_implementer: wrongThenMended,
    team2_implementer: ({ turn }, root) => (turn === 0 ? write(root, only(goodPart('catalog'), 'total.ts')) : report),
    team2_quality: ({ turn }, root) => (turn === 1 ? write(root, goodPart('catalog')) : report),
    team3_implementer: ({ turn }, root) => [write(root, { 'src/billing/total.ts': '// ours now\n' }), write(root, goodPart('checkout'))][turn] ?? report,
    team4_implementer: ({ turn }, root) => (turn === 0 ? write(root, goodPart('search')) : report),
  }, { roles: ['implementer', 'quality'] });
  expect(played.said('team1_implementer')).toContain('type_verification failed');
  expect(played.said('team2_quality')).toContain('test_coverage failed');
  expect(played.said('team3_implementer')).toContain('src/billing/total.ts belongs to team1 until its task TASK-billing is completed');
  // The clean one is asked twice: for its work, and for its report.
  expect(played.turns('team4_implementer')).toBe(2);
  expect(played.tasks.map(({ phase, retry_count: retries, result }) => [phase, retries, Object.values(result.gates).every(({ status }) => status === 'passed' || status === 'skipped')])).toEqual([
    ['testing', 0, true], ['testing', 1, true], ['testing', 0, true], ['testing', 0, true],
  ]);
});

each('the real client works in trees of its own, and lets go who mends nothing, set up %s (skipped where SPARK_GATES_CLIENT names no client)', async (_, form) => {
  const played = await play(form, {
    team1_implementer: wrongThenMended,
    // Another mistake each time, and the same each time.
    team2_implementer: ({ turn }, root) => (turn % 2 === 0 && turn < 10 ? write(root, { 'src/catalog/total.ts': `/** No number. */\nexport const total: { readonly of${String(turn)}: number } = 1;\n` }) : report),
    team3_implementer: ({ turn }, root) => (turn === 0 ? write(root, { 'src/checkout/total.ts': WRONG }) : report),
    team4_implementer: ({ turn }, root) => (turn === 0 ? write(root, goodPart('search')) : report),
  }, { inputs: { team1_implementer: { isolation: 'worktree' } } });
  // It is checked where it works, and nothing of it is in the main tree.
  expect(played.said('team1_implementer')).toContain(WRONG_TYPE);
  expect(played.turns('team1_implementer')).toBe(4);
  expect(played.files).not.toContain('src/billing/total.ts');
  // Sent back three times, and once.
  expect([played.turns('team2_implementer'), played.turns('team3_implementer'), played.turns('team4_implementer')]).toEqual([8, 3, 2]);
  // What was not mended is another agent's now.
  expect(played.tasks.map(({ phase, attempts }) => [phase, attempts])).toEqual([['implementation_completed', 1], ['implementation', 2], ['implementation', 2], ['implementation_completed', 1]]);
});

each('its command starts the session, and gives the model the list of agents, set up %s (skipped where SPARK_GATES_CLIENT names no client)', async (_, form) => {
  await using shop = await makeHookShop(2);
  const client = await setUp(shop, form);
  const asked: Asked[] = [];
  await using api = await serveMessages((one) => {
    asked.push(one);
    return report;
  });
  await using home = await makeDaemonHome();
  if (form.words.length > 0) await callClient({ ...client, url: api.url, environment: home.environment, words: form.words });
  expect(await runClient({ ...client, url: api.url, environment: home.environment, prompt: `/${form.prefix}multi_implement TASK-billing TASK-catalog` })).toBe(0);
  expect(asked[0]?.last).toContain(`## ${form.prefix}team1_implementer: team1 implementation - TASK-billing`);
  expect(asked[0]?.last).toContain(`## ${form.prefix}team2_implementer: team2 implementation - TASK-catalog`);
  expect((await tasksIn(shop)).map(({ team, phase }) => [team, phase])).toEqual([['team1', 'pending'], ['team2', 'pending']]);
});

const WRONG = '/** No number. */\nexport const total: number = "none";\n';
const WRONG_TYPE = "src/billing/total.ts:2:14 Type 'string' is not assignable to type 'number'";
const report: Turn = { text: 'The full report.' };

type Script = (asked: Asked, root: string) => Turn;

const wrongThenMended: Script = ({ turn }, root) => [write(root, { ...goodPart('billing'), 'src/billing/total.ts': WRONG }), report, write(root, only(goodPart('billing'), 'total.ts'))][turn] ?? report;

interface Played {
  /** Everything that was said to this agent. */
  said(who: string): string;
  /** How often it was asked. */
  turns(who: string): number;
  /** The relay's rows afterwards. */
  readonly tasks: readonly Coordination['tasks'][string][];
  /** Source files of the main tree afterwards. */
  readonly files: readonly string[];
}

interface PlayOptions {
  /** One after another. */
  readonly roles?: readonly string[];
  readonly teams?: number;
  /** What else the leader says of an agent when it starts it. */
  readonly inputs?: Readonly<Record<string, object>>;
}

/** A shop set up in this form, whose four agents of each of these roles, one role after another, do what is written for them, or only report. */
async function play(form: Form, script: Readonly<Record<string, Script>>, { roles = ['implementer'], teams = PARTS.length, inputs = {} }: PlayOptions = {}): Promise<Played> {
  const { prefix, words } = form;
  await using shop = await makeHookShop(teams);
  await using home = await makeDaemonHome();
  const place = await setUp(shop, form);
  await startSession(shop, teams);
  const heard: Record<string, string[]> = {};
  const main = ({ turn }: Asked): Turn => (roles[turn] === undefined ? report : { tools: PARTS.slice(0, teams).map((_, index) => agentCall(`team${String(index + 1)}_${roles[turn] ?? ''}`)) });
  const agentCall = (who: string): NonNullable<Turn['tools']>[number] => ({ name: 'Agent', input: { description: who, prompt: 'Do your work', subagent_type: `${prefix}${who}`, run_in_background: false, ...inputs[who] } });
  await using api = await serveMessages((asked) => {
    const [, role, team] = /\*\*(implementer|quality)[ a-z]* of (team\d)\*\*/.exec(asked.system) ?? [];
    const who = team === undefined || role === undefined ? 'main' : `${team}_${role}`;
    (heard[who] ??= []).push(asked.last);
    return who === 'main' ? main(asked) : (script[who]?.(asked, workFolder(asked, shop.root)) ?? report);
  });
  const client = { ...place, url: api.url, environment: home.environment };
  if (words.length > 0) expect(await callClient({ ...client, words })).toBe(0);
  expect(await runClient(client)).toBe(0);
  return {
    said: (who) => (heard[who] ?? []).join('\n'),
    turns: (who) => heard[who]?.length ?? 0,
    tasks: await tasksIn(shop),
    files: (await readdir(path.join(shop.root, 'src'), { recursive: true })).map((file) => path.posix.join('src', file)),
  };
}

/** Where the client works, and its home. */
async function setUp(shop: Project, { args }: Form): Promise<{ cwd: string; home: string }> {
  await symlink(REPOSITORY, path.join(shop.root, 'node_modules', 'spark-gates'), 'dir');
  const { exitCode, stderr } = await start(shop.root, args).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  await shop.git('add', '--all');
  await shop.git('commit', '--quiet', '--message', 'Wire');
  const home = path.join(path.dirname(shop.root), 'home');
  await mkdir(home);
  return { cwd: shop.root, home };
}

async function tasksIn({ root }: Project): Promise<Coordination['tasks'][string][]> {
  return Object.values((JSON.parse(await readFile(path.join(root, '.claude/workflows/multi_task_coordination.json'), 'utf8')) as Coordination).tasks);
}

/** The agent's tree: one of its own where the client has made it one, and says so by its branch. */
function workFolder({ first }: Asked, root: string): string {
  const name = /worktree-(agent-\w+)/.exec(first)?.[1];
  return name === undefined ? root : path.join(root, '.claude', 'worktrees', name);
}

function write(root: string, files: Readonly<Record<string, string>>): Turn {
  return { tools: Object.entries(files).map(([file, content]) => ({ name: 'Write', input: { file_path: path.join(root, file), content } })) };
}

function only(files: Record<string, string>, end: string): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([file]) => file.endsWith(end)));
}
