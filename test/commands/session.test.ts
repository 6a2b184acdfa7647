import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeProject, type Project } from '../rig/project.ts';
import { runLine, runLineAt } from './run-program.ts';

const TASKS = `- [ ] API-1: an endpoint (files: api/**, package.json; priority: 2)
- [ ] WEB-1: a page (files: web/**, package.json)
- [ ] E2E-1: a test of both (files: e2e/**; after: API-1, WEB-1)
`;

/** Only what parses is asked, so that a measurement takes no time. */
const CONFIG = {
  gates: Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'].map((gate) => [gate, { level: 'off' }])),
};

function makeSession(more: Readonly<Record<string, string>> = {}): Promise<Project> {
  return makeProject({ 'tasks.md': TASKS, 'package.json': '{}\n', 'api/a.json': '{}\n', 'web/b.json': '{}\n', 'spark-gates.config.json': JSON.stringify(CONFIG), ...more }, { git: true });
}

/** First lines of what was printed, which is what an agent acts on. */
async function say(project: Project, ...args: string[]): Promise<[exitCode: number, first: string, stderr: string]> {
  const { exitCode, stdout, stderr } = await runLine(project.root, ...args);
  return [exitCode, stdout.split('\n')[0] ?? '', stderr];
}

test('from tasks to report, each answer in its first line', async () => {
  await using project = await makeSession();
  expect(await runLine(project.root, 'tasks')).toEqual({ exitCode: 0, stdout: 'tasks.md\n  API-1  open  an endpoint\n  WEB-1  open  a page\n  E2E-1  open  a test of both (after API-1, WEB-1)\n', stderr: '' });
  const started = await runLine(project.root, 'multi-implement', 'API-1', 'WEB-1', 'E2E-1', '--json');
  const { action, teams, queued, invocations } = JSON.parse(started.stdout) as { action: string; teams: Record<string, string | null>; queued: { task_id: string }[]; invocations: { subagent_type: string; parallel: boolean }[] };
  expect({ action, teams, queued: queued.map(({ task_id: id }) => id), agents: invocations.map(({ subagent_type: agent, parallel }) => [agent, parallel]) }).toEqual({
    action: 'parallel_execute',
    teams: { team1: 'API-1', team2: 'WEB-1', team3: null, team4: null },
    queued: ['E2E-1'],
    agents: [['team1_implementer', true], ['team2_implementer', true]],
  });
  expect(await project.git('status', '--porcelain')).toBe('');
  expect(await say(project, 'phase', 'alive', 'team1')).toEqual([0, '', '']);
  expect(await say(project, 'phase', 'complete', 'team1', 'implementation')).toEqual([0, 'wait_for_other_teams', '']);
  expect(await say(project, 'phase', 'complete', 'team2', 'implementation')).toEqual([0, 'proceed_to_next_phase', '']);
  await project.write({ 'web/b.json': '{ "half":\n' });
  expect(await say(project, 'phase', 'complete', 'team1', 'quality')).toEqual([0, 'wait_for_other_teams', 'spark-gates: measuring all eight gates for team1\n']);
  const failed = await runLine(project.root, 'phase', 'complete', 'team2', 'quality', '--json');
  expect(failed.exitCode).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({ version: 1, action: 'retry', team_id: 'team2', instructions: expect.stringContaining('web/b.json:2:1') as unknown });
  const status = await runLine(project.root, 'status');
  expect(status.stdout.split('\n').slice(1, 9)).toEqual([
    '', expect.stringMatching(/^ {2}team1 {2}API-1 {2}quality_completed {2}80 % {2}last heard of /), expect.stringMatching(/^ {2}team2 {2}WEB-1 {2}quality_retry {6}70 %/), '  team3  idle', '  team4  idle', '',
    '  API-1  active  team1', '  WEB-1  active  team2  retry 1',
  ]);
  const report = await runLine(project.root, 'report', '--json');
  expect(JSON.parse(report.stdout)).toMatchObject({ version: 1, ended_at: null, tasks: [{ task_id: 'API-1' }, { task_id: 'WEB-1', retries: 1 }, { task_id: 'E2E-1', status: 'queued' }] });
  expect((await runLine(project.root, 'report')).stdout).toMatch(/^# Session multi_\d{14}\n/);
});

test('an edit outside every team\'s files that breaks something blocks, by name, and is listed until it is gone', async () => {
  await using project = await makeSession({ 'e2e/c.json': '{}\n' });
  await runLine(project.root, 'multi-implement', 'API-1', 'WEB-1', 'E2E-1');
  for (const team of ['team1', 'team2']) await runLine(project.root, 'phase', 'complete', team, 'implementation');
  await project.write({ 'e2e/c.json': '{ "half":\n' });
  const failed = await runLine(project.root, 'phase', 'complete', 'team1', 'quality');
  expect([failed.exitCode, failed.stdout.split('\n')[2]]).toEqual([1, expect.stringMatching(/^syntax_validation failed: 1 finding .* block every team.*; e2e\/c\.json:2:1 /)]);
  expect((await runLine(project.root, 'status')).stdout).toContain("\n\nChanged, and no task's that was begun\n  e2e/c.json\n");
  expect((await runLine(project.root, 'report')).stdout).toContain('\n## Changed, and of no task that was begun\n\n- e2e/c.json\n');
  await project.write({ 'e2e/c.json': '{}\n' });
  expect(await say(project, 'phase', 'complete', 'team1', 'quality')).toEqual([0, 'wait_for_other_teams', 'spark-gates: measuring all eight gates for team1\n']);
  expect((await runLine(project.root, 'status')).stdout).not.toContain('e2e/c.json');
});

test('without an executor, a team that died is told of by whoever saw it, and a silent one noticed by whoever looks', async () => {
  await using project = await makeSession();
  const at = (minutes: number): { now: () => number; monotonicMs: () => number } => ({ now: () => Date.parse('2025-08-08T10:00:00Z') + 60_000 * minutes, monotonicMs: () => 0 });
  const run = async (minutes: number, ...args: string[]): Promise<[exitCode: number, stdout: string]> => {
    const { exitCode, stdout } = await runLineAt(at(minutes), project.root, ...args);
    return [exitCode, stdout];
  };
  await run(0, 'multi-implement', 'API-1', 'WEB-1', '--pipelined');
  expect(await run(0, 'message', 'team1', 'team2', 'the API has changed')).toEqual([0, '']);
  expect(await run(0, 'message', 'team1', 'orchestrator', 'half done')).toEqual([0, '']);
  expect(await run(0, 'message', 'team2', 'team1', 'it broke mine', '--blocked')).toEqual([0, '']);
  expect(await run(0, 'message', 'team9', 'team1', 'x')).toEqual([2, '']);
  const before = JSON.parse((await run(0, 'status', '--json'))[1]) as { teams: Record<string, { communication: unknown }> };
  expect(before.teams).toMatchObject({
    team1: { communication: { messages_for_orchestrator: [{ text: 'half done' }], blockers: [{ caused_by: 'team1', shown_in: 'team2', text: 'it broke mine' }] } },
    team2: { communication: { messages_from_teams: [{ from: 'team1', text: 'the API has changed' }], blockers: [{ text: 'it broke mine' }] } },
  });
  expect((await run(0, 'report'))[1]).toContain('- team1: half done\n');
  const [exitCode, answer] = await run(1, 'phase', 'crashed', 'team1', '--reason', 'its window was closed');
  expect([exitCode, answer.split('\n')[0]]).toEqual([0, 'reassign']);
  for (const minutes of [6, 11]) await run(minutes, 'phase', 'alive', 'team2');
  for (const minutes of [1, 6, 11]) expect((await run(minutes, 'status'))[1]).not.toContain('reassign');
  const [, told] = await run(16, 'phase', 'complete', 'team2', 'implementation');
  expect(told).toContain('proceed_to_next_phase\n');
  expect(told).toMatch(/^team3: reassign \(no sign of life for 900 s\)$/m);
});

test('execute runs the rest of a session by itself, writes the report, and says what happened', async () => {
  await using project = await makeSession();
  const write = `"${process.execPath}" -e "const fs=require('fs');if(process.env.SPARK_GATES_TASK==='E2E-1'){fs.mkdirSync('e2e',{recursive:true});fs.writeFileSync('e2e/c.json','{}')}console.log(process.env.SPARK_GATES_PHASE)"`;
  const { exitCode, stdout, stderr } = await runLine(project.root, 'execute', 'API-1', 'WEB-1', 'E2E-1', '--agent', write, '--pipelined');
  expect({ exitCode, head: stdout.split('\n')[2] }).toEqual({ exitCode: 0, head: '3 of 3 tasks completed, 0 failed; 0.0 s, pipelined.' });
  expect(stderr.split('\n').filter((line) => line.startsWith('team1 report'))).toEqual(['team1 report - API-1 started', 'team1 report - API-1: complete']);
  const folder = path.join(project.root, '.claude', 'workflows');
  expect(JSON.parse(await readFile(path.join(folder, 'report.json'), 'utf8'))).toMatchObject({ overall_progress: 100 });
  expect(await readFile(path.join(folder, 'report.md'), 'utf8')).toBe(stdout);
  expect(await readFile(path.join(folder, 'agent-output', '1-team1-quality-0.txt'), 'utf8')).toBe('quality\n');
  expect(await say(project, 'execute', '--agent', write)).toEqual([2, '', 'spark-gates: there is no unfinished session to go on with: name the tasks, spark-gates tasks lists them\n']);
});

describe('files of a task that are not there', () => {
  const quality = async (project: Project): Promise<[exitCode: number, first: string, told: string]> => {
    await runLine(project.root, 'phase', 'complete', 'team1', 'implementation');
    const { exitCode, stdout } = await runLine(project.root, 'phase', 'complete', 'team1', 'quality', '--json');
    const { action, instructions } = JSON.parse(stdout) as { action: string; instructions: string };
    return [exitCode, action, instructions];
  };

  test('none was written: that is no pass, and says which are missing', async () => {
    await using project = await makeSession({ 'tasks.md': '- [ ] NEW: something new (files: new/a.json, new/b.json)\n' });
    await runLine(project.root, 'multi-implement', 'NEW');
    const [exitCode, action, told] = await quality(project);
    expect([exitCode, action]).toEqual([1, 'retry']);
    expect(told).toContain('none of the files that it was given is there (new/a.json, new/b.json): write them, or correct the files of the task');
    expect(told).not.toContain('lint_enforcement');
    await project.write({ 'new/a.json': '{}' });
    expect((await quality(project)).slice(0, 2)).toEqual([0, 'proceed_to_next_phase']);
  });

  test('all were removed on purpose: that is work done', async () => {
    await using project = await makeSession({ 'tasks.md': '- [ ] OLD: drop the old one (files: old/**)\n', 'old/a.json': '{}\n', 'old/b.json': '{}\n' });
    await runLine(project.root, 'multi-implement', 'OLD');
    await project.remove('old');
    expect((await quality(project)).slice(0, 2)).toEqual([0, 'proceed_to_next_phase']);
  });
});

test('execute in a linked worktree: agents work there, and the gates look there', async () => {
  await using project = await makeSession({ 'tasks.md': '- [ ] API-1: an endpoint (files: api/**)\n' });
  const linked = path.join(path.dirname(project.root), 'linked');
  await project.git('worktree', 'add', '--quiet', linked);
  const breaking = `"${process.execPath}" -e "require('fs').writeFileSync('api/a.json','{ half')"`;
  const { exitCode, stdout } = await runLine(linked, 'execute', 'API-1', '--agent', breaking);
  expect([exitCode, await readFile(path.join(linked, 'api/a.json'), 'utf8'), await readFile(path.join(project.root, 'api/a.json'), 'utf8')]).toEqual([1, '{ half', '{}\n']);
  expect(stdout).toContain('syntax_validation');
});

test('execute goes on with a session as it was begun', async () => {
  await using project = await makeSession();
  await runLine(project.root, 'multi-implement', 'API-1', 'WEB-1');
  for (const [options, named] of [[['--pipelined'], '--pipelined'], [['--teams', '2'], '--teams'], [['--teams', '3', '--pipelined'], '--pipelined and --teams']] as const) {
    const [exitCode, first, stderr] = await say(project, 'execute', '--agent', 'true', ...options);
    expect([exitCode, first, stderr]).toEqual([2, '', expect.stringMatching(new RegExp(`^spark-gates: session multi_\\d+ goes on as it was begun: leave out ${named}, or give it up for another with --replace\n$`))]);
  }
  const [exitCode, , stderr] = await say(project, 'execute', 'API-1', '--agent', 'true');
  expect([exitCode, stderr]).toEqual([2, expect.stringMatching(/^spark-gates: session multi_\d+ goes on as it was begun: leave out the tasks \(it has API-1, WEB-1\), or give it up for another with --replace\n$/)]);
  expect(await say(project, 'execute', '--agent', ' ')).toEqual([2, '', "spark-gates: option '--agent <command>' argument ' ' is invalid. It must be a command.\n"]);
});

test.each(['status', 'multi-implement API-1', 'execute API-1 --agent true', 'phase complete team1 quality', 'phase alive team1', 'phase crashed team1', 'message team1 team2 x', 'report', 'tasks', 'end-session', 'lock list'])('a relay that is a file: %s', async (line) => {
  await using project = await makeSession({ 'relay.txt': 'mine' });
  const file = path.join(project.root, 'relay.txt');
  expect(await runLine(project.root, ...line.split(' '), '--relay', 'relay.txt')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${file} is a file; give a folder for the relay\n` });
  const below = await runLine(project.root, ...line.split(' '), '--relay', 'relay.txt/below');
  expect([below.exitCode, below.stdout, below.stderr.split('\n').length, below.stderr.includes('unexpected')]).toEqual([2, '', 2, false]);
  expect(await readFile(file, 'utf8')).toBe('mine');
});

describe('what a hurried user does wrong is one sentence and exit code 2, and changes nothing', () => {
  test.each<[string[], string]>([
    [['multi-implement', 'API-1', 'API-9'], 'there is no task "API-9" in tasks.md; did you mean API-1?'],
    [['multi-implement', 'E2E-1'], 'task "E2E-1" depends on API-1, WEB-1, not completed and not given; give them, too'],
    [['multi-implement', 'API-1', '--teams', '99'], "option '--teams <n>' argument '99' is invalid. It must be a whole number from 1 to 16."],
    [['phase', 'complete', 'team1', 'quality'], 'no session has been started: run spark-gates multi-implement with task ids first'],
    [['phase', 'complete', 'team1', 'qualty'], "command-argument value 'qualty' is invalid for argument 'phase'. There is no phase \"qualty\". Did you mean quality?"],
    [['report'], 'no session has been started: run spark-gates multi-implement with task ids first'],
    [['execute', 'API-1'], "required option '--agent <command>' not specified"],
    [['tasks', '--tasks', 'no.md'], 'no.md: there is no such file; give a file of tasks'],
  ])('%j', async (args, sentence) => {
    await using project = await makeSession();
    expect(await runLine(project.root, ...args)).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${sentence}\n` });
    expect(await project.git('status', '--porcelain')).toBe('');
  });

  test.each<[string[], string]>([
    [['phase', 'complete', 'team9', 'quality'], 'there is no team team9 in this session: its teams are team1, team2, team3, team4'],
    [['phase', 'complete', 'team1', 'testing'], 'team1 is in implementation, not in testing: complete implementation first'],
    [['phase', 'complete', 'team3', 'implementation'], 'team3 has no task at present: nothing changed'],
    [['phase', 'complete', 'team1', 'implementation', '--assignment', '7'], 'this was started for assignment 7 of team1, which now has assignment 1: stop, the task was taken away from you'],
    [['phase', 'alive', 'team4'], 'team4 has no task at present: nothing changed'],
    [['multi-implement', 'API-1'], expect.stringContaining('is not finished (API-1 and 1 more): let it end, or give it up: with --replace for another, with spark-gates end-session for none')],
  ])('with a session: %j', async (args, sentence) => {
    await using project = await makeSession();
    await runLine(project.root, 'multi-implement', 'API-1', 'WEB-1');
    const { exitCode, stdout, stderr } = await runLine(project.root, ...args);
    expect({ exitCode, stdout, stderr: stderr.replace(/^spark-gates: (.*)\n$/, '$1') }).toEqual({ exitCode: 2, stdout: '', stderr: sentence });
  });
});
