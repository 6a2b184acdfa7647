import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { Relay } from '../../src/relay/relay.ts';
import { runCli, type CliResult } from '../rig/cli.ts';
import { watchLeftovers } from '../rig/leftovers.ts';
import { makeProject, REPOSITORY, type Project } from '../rig/project.ts';

/** What goes wrong with which task: agents die, hang, write what does not parse, and never mend it. */
const PLAN = { T2: 'broken', T4: 'killed', T6: 'hung', T8: 'never' } as const;
const IDS = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7', 'T8', 'T9'];
/** Shared by three tasks that run side by side. */
const SHARED = 'src/constants.ts';
const SHARERS = ['T1', 'T2', 'T3'];

async function makeSession(): Promise<Project> {
  const lines = IDS.map((id) => {
    const files = [`${id.toLowerCase()}/data.json`, ...(SHARERS.includes(id) ? [SHARED] : [])].join(', ');
    return `- [ ] ${id}: write the data of ${id} (files: ${files}${id === 'T9' ? '; after: T8' : ''})`;
  });
  return makeProject({
    'tasks.md': `# Tasks\n\n${lines.join('\n')}\n`,
    [SHARED]: '// Lines of several teams:\n',
    'README.md': '# Session\n',
    'spark-gates.config.json': JSON.stringify({
      exclude: [SHARED, 'agents.log', 'marks/**'],
      gates: Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }])),
    }),
  }, { git: true });
}

/** Runs `execute` until it ends by itself, or is killed without a word as soon as it says `killAt`. */
async function execute(project: Project, environment: Readonly<Record<string, string>>, tasks: readonly string[], killAt?: RegExp): Promise<CliResult> {
  const cli = path.join(REPOSITORY, 'dist', 'src', 'cli.js');
  const agent = `"${process.execPath}" "${path.join(REPOSITORY, 'test', 'e2e', 'scripted-agent.mjs')}" "${cli}" '${JSON.stringify(PLAN)}'`;
  return runCli(['execute', ...tasks, '--agent', agent, '--silent', '6'], {
    cwd: project.root,
    environment,
    onStart: (child) => {
      let said = '';
      child.stderr?.on('data', (text: string) => {
        said += text;
        if (killAt?.test(said) === true) child.kill('SIGKILL');
      });
    },
  });
}

test('nine tasks, four teams, planted faults, an agent killed, one hung, the orchestrator killed twice: every task ends, nothing is lost', async () => {
  await using project = await makeSession();
  const leftovers = await watchLeftovers(project);
  const { environment } = leftovers;
  expect((await execute(project, environment, IDS, /team\d quality - /)).exitCode).toBe(null);
  expect((await execute(project, environment, [], /T7: proceed|T7: wait/)).exitCode).toBe(null);
  const last = await execute(project, environment, []);
  expect({ exitCode: last.exitCode, goesOn: last.stderr.includes('going on with session multi_') }).toEqual({ exitCode: 1, goesOn: true });

  const folder = path.join(project.root, '.claude', 'workflows');
  const relay = Relay.open({ folder });
  const [read, replayed] = await Promise.all([relay.read(), relay.rebuild()]);
  if (!read.ok || !replayed.ok) throw new Error('the relay cannot be read');
  expect(read.faults).toEqual([]);
  expect(replayed.value).toEqual(read.value);
  const { coordination, teams } = read.value;
  expect(Object.fromEntries(Object.entries(coordination?.tasks ?? {}).map(([id, { status }]) => [id, status]))).toEqual({ ...Object.fromEntries(IDS.map((id) => [id, 'completed'])), T8: 'failed', T9: 'failed' });
  expect([coordination?.tasks.T8?.reason, coordination?.tasks.T9?.reason]).toEqual([expect.stringContaining('syntax_validation'), 'it depends on T8, which failed']);
  expect(coordination).toMatchObject({ active_teams: 0, queue: [] });
  expect(coordination?.tasks.T8?.result.discrepancies).not.toEqual([]);
  expect(JSON.parse(await readFile(path.join(folder, 'multi_task_coordination.json'), 'utf8'))).toEqual(coordination);
  for (const [team, context] of Object.entries(teams)) expect(JSON.parse(await readFile(path.join(folder, `${team}_current_task.json`), 'utf8'))).toEqual(context);

  // Each sharer's line is there, whoever wrote at the same time; a task that was begun twice may have two.
  const shared = (await readFile(path.join(project.root, SHARED), 'utf8')).trim().split('\n').slice(1);
  expect([...new Set(shared)].sort()).toEqual(SHARERS);
  expect(JSON.parse((await runCli(['lock', 'list', '--json'], { cwd: project.root })).stdout)).toMatchObject({ locks: [] });
  expect(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'))).toMatchObject({ session_id: coordination?.session_id });
  expect(await leftovers.find()).toEqual({ files: [], processes: [] });
});
