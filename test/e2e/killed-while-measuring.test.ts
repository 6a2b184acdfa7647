import { watch } from 'node:fs';
import { expect, test } from 'vitest';
import { runCli } from '../rig/cli.ts';
import { watchLeftovers } from '../rig/leftovers.ts';
import { makeProject } from '../rig/project.ts';

/** A gate that says so when it runs, and never ends. */
const HANGING = `"${process.execPath}" -e "require('fs').writeFileSync('gate-'+process.pid+'.mark','');setInterval(()=>0,1000)"`;
const LEVELS = Object.fromEntries(['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'syntax_validation'].map((gate) => [gate, { level: 'off' }]));

test.runIf(process.platform === 'linux')('execute killed while gates run: the next one ends what they left', async () => {
  await using project = await makeProject({
    'tasks.md': '- [ ] A: a thing (files: a/**)\n',
    'a/a.json': '{}\n',
    'spark-gates.config.json': JSON.stringify({ exclude: ['*.mark'], gates: { ...LEVELS, integration_test: { command: HANGING } } }),
  }, { git: true });
  const leftovers = await watchLeftovers(project);
  const execute = async (signal: NodeJS.Signals): Promise<{ exitCode: number | null; gate: number }> => {
    let gate = 0;
    const { exitCode } = await runCli(['execute', 'A', '--agent', 'true'], {
      cwd: project.root,
      environment: leftovers.environment,
      onStart: (child) => {
        const watcher = watch(project.root, (_, name) => {
          const pid = Number(/^gate-(\d+)\.mark$/.exec(name ?? '')?.[1] ?? 0);
          if (pid === 0 || gate !== 0) return;
          gate = pid;
          child.kill(signal);
        });
        child.once('exit', () => { watcher.close(); });
      },
    });
    return { exitCode, gate };
  };
  const killed = await execute('SIGKILL');
  expect(killed.exitCode).toBe(null);
  expect((await leftovers.find()).processes).toContain(killed.gate);
  const next = await execute('SIGINT');
  expect(next.exitCode).toBe(130);
  expect((await leftovers.find()).processes).toEqual([]);
});
