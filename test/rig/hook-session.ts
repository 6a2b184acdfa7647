import { cp, rm } from 'node:fs/promises';
import path from 'node:path';
import { runLineAt } from '../commands/run-program.ts';
import { systemClock } from '../../src/system/clock.ts';
import { makeProject, type Project } from './project.ts';

export interface HookSession extends Project {
  /** Puts the tree and the relay back to where the session began. */
  reset(): Promise<void>;
}

/** A session of two teams, whose only gate is that of syntax: team1 has `team1.json` and `lib/**`, team2 `team2.json`; nobody has the rest. */
export async function makeHookSession(): Promise<HookSession> {
  const off = ['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'];
  const project = await makeProject({
    'package.json': '{ "name": "lab", "private": true }\n',
    'spark-gates.config.json': JSON.stringify({ gates: Object.fromEntries(off.map((gate) => [gate, { level: 'off' }])) }),
    'tasks.json': JSON.stringify({ tasks: [
      { id: 'TASK-1', description: 'Write the first', files: ['team1.json', 'lib/**', 'src/types.ts'] },
      { id: 'TASK-2', description: 'Write the second', files: ['team2.json', 'src/types.ts'] },
      { id: 'TASK-3', description: 'Write the third', files: ['team3.json'] },
    ] }),
    'team1.json': '{}\n',
    'team2.json': '{}\n',
    'src/types.ts': 'export {};\n',
  }, { git: true });
  const started = await runLineAt(systemClock, project.root, 'multi-implement', 'TASK-1', 'TASK-2', '--teams', '2');
  if (started.exitCode !== 0) throw new Error(started.stderr);
  const head = await project.git('rev-parse', 'HEAD');
  const relay = path.join(project.root, '.claude', 'workflows');
  const kept = path.join(path.dirname(project.root), 'relay');
  await cp(relay, kept, { recursive: true });
  return {
    ...project,
    reset: async () => {
      await project.git('reset', '--quiet', '--hard', head);
      await project.git('clean', '--quiet', '-fd', '--exclude=.claude/workflows');
      await rm(relay, { recursive: true, force: true });
      await cp(kept, relay, { recursive: true });
    },
  };
}
