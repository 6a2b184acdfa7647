import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { z } from 'zod';
import { expect, test } from 'vitest';
import { renderPlugin } from '../../agents/plugin.ts';
import { runLine } from '../commands/run-program.ts';
import { makeProject, type Project } from '../rig/project.ts';

/** The client's program. Without it these are skipped: SPARK_GATES_CLIENT=/path/to/claude npm test */
const CLIENT = process.env.SPARK_GATES_CLIENT;

const ROLES = ['implementer', 'quality', 'reporter', 'reviewer', 'tester'];
const PROGRAM = {
  'node_modules/spark-gates/package.json': '{ "name": "spark-gates", "version": "0.1.0", "type": "module", "bin": { "spark-gates": "cli.js" } }\n',
  'node_modules/spark-gates/cli.js': "process.stdout.write('{}\\n');\n",
};

const initSchema = z.looseObject({ type: z.literal('system'), subtype: z.literal('init'), agents: z.array(z.string()), slash_commands: z.array(z.string()) });

/** Starts the client with a model that is not there, and reads what it says that it has found, which comes before it asks one. */
async function whatClientFinds(project: Project, args: readonly string[]): Promise<{ agents: string[]; commands: string[]; hook: unknown }> {
  const child = spawn(CLIENT ?? '', ['-p', 'hello', '--output-format', 'stream-json', '--verbose', '--include-hook-events', ...args], {
    cwd: project.root,
    env: {
      PATH: process.env.PATH, HOME: path.join(project.root, 'home'), TMPDIR: process.env.TMPDIR, ANTHROPIC_BASE_URL: 'http://127.0.0.1:9', ANTHROPIC_API_KEY: 'none',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1', DISABLE_TELEMETRY: '1', DISABLE_AUTOUPDATER: '1', DISABLE_ERROR_REPORTING: '1',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(child, 'close');
  let hook: unknown = null;
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const said = JSON.parse(line) as { subtype?: string; hook_name?: string; stdout?: string; exit_code?: number };
      if (said.subtype === 'hook_response') hook = { name: said.hook_name, stdout: said.stdout, exitCode: said.exit_code };
      const found = initSchema.safeParse(said);
      if (found.success) return { agents: found.data.agents, commands: found.data.slash_commands, hook };
    }
    throw new Error('the client ended without saying what it has found');
  } finally {
    child.kill('SIGKILL');
    await closed;
  }
}

test.runIf(CLIENT !== undefined)('set up by init, the client finds agents, command and hooks', async () => {
  await using project = await makeProject({ 'package.json': '{ "private": true }\n', 'home/x': '', ...PROGRAM });
  await runLine(project.root, 'init', '--teams', '2');
  const { agents, commands, hook } = await whatClientFinds(project, []);
  expect(agents.filter((name) => name.includes('team')).sort()).toEqual([1, 2].flatMap((team) => ROLES.map((role) => `team${String(team)}_${role}`)));
  expect(commands).toContain('multi_implement');
  expect(hook).toEqual({ name: 'SessionStart:startup', stdout: '{}\n', exitCode: 0 });
});

test.runIf(CLIENT !== undefined)('as the plugin, too, under its name', async () => {
  await using project = await makeProject({ 'package.json': '{ "private": true }\n', 'home/x': '', ...PROGRAM });
  await project.write(Object.fromEntries(renderPlugin({ version: '0.1.0', description: 'x', license: 'MIT' }).map(({ file, content }) => [`plugin/${file}`, content])));
  const { agents, commands, hook } = await whatClientFinds(project, ['--plugin-dir', path.join(project.root, 'plugin')]);
  expect(agents.filter((name) => name.includes('team')).sort()).toEqual([1, 2, 3, 4].flatMap((team) => ROLES.map((role) => `spark-gates:team${String(team)}_${role}`)));
  expect(commands).toContain('spark-gates:multi_implement');
  expect(hook).toEqual({ name: 'SessionStart:startup', stdout: '{}\n', exitCode: 0 });
});
