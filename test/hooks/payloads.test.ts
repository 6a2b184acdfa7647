import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerIn, recorded } from '../rig/hooks.ts';
import { makeHookSession, type HookSession } from '../rig/hook-session.ts';
import { REPOSITORY } from '../rig/project.ts';

const NAMES = (await readdir(path.join(REPOSITORY, 'test', 'fixtures', 'hook-payloads'))).map((name) => name.replace(/\.json$/, '')).sort();

const STARTS = /^You work for (team\d) on (TASK-\d), phase implementation: Write the (?:first|second)\n/;

/** What is answered; every other recorded payload is answered with `{}`. */
const ANSWERS: Readonly<Record<string, (answer: unknown) => void>> = {
  'SubagentStart': startsFor('team1', 'TASK-1'),
  'SubagentStart.plugin-agent': startsFor('team1', 'TASK-1'),
  // The agent's work is done, but no hook has seen it begin or end: both teams are still to be started.
  'PostToolUse.agent-foreground': tellsToStart('PostToolUse'),
  'PostToolUse.agent-worktree': tellsToStart('PostToolUse'),
  'PostToolUseFailure.agent-api-error': tellsToStart('PostToolUseFailure'),
  'SubagentStop.worktree': (answer) => { expect(answer).toEqual({ systemMessage: `spark-gates: the worktree ${session.root}/.claude/worktrees/agent-a058475575158a704 is gone, so team1 was not judged, and no phase is completed` }); },
};

let session: HookSession;

beforeAll(async () => { session = await makeHookSession(); });
afterAll(async () => { await session[Symbol.asyncDispose](); });

test.each(NAMES)('the recorded payload %s', async (name) => {
  await session.reset();
  const payload = await recorded(name, session);
  const answer = await answerIn(payload, { cwd: session.root, projectFolder: session.root });
  const expected = ANSWERS[name];
  if (expected === undefined) expect(answer).toEqual({});
  else expected(answer);
});

function startsFor(team: string, task: string) {
  return (answer: unknown): void => {
    expect(answer).toEqual({ hookSpecificOutput: { hookEventName: 'SubagentStart', additionalContext: expect.stringMatching(STARTS) as string } });
    const { additionalContext } = (answer as { hookSpecificOutput: { additionalContext: string } }).hookSpecificOutput;
    expect(STARTS.exec(additionalContext)?.slice(1)).toEqual([team, task]);
  };
}

function tellsToStart(event: string) {
  return (answer: unknown): void => {
    const { hookEventName, additionalContext } = (answer as { hookSpecificOutput: { hookEventName: string; additionalContext: string } }).hookSpecificOutput;
    expect(hookEventName).toBe(event);
    expect(additionalContext.split('\n').filter((line) => /^(?:Start|##) /.test(line)).map((line) => line.replace(/^## \S+ /, ''))).toEqual([
      'Start in one message, as 2 calls of the Agent tool:',
      'team1 implementation - TASK-1',
      'team2 implementation - TASK-2',
    ]);
  };
}
