import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { expect, test } from 'vitest';
import { countTokens, simulateSession, tasksOf } from '../../bench/suite/tokens.ts';
import { PHASES } from '../../src/model/phase.ts';

const TASKS = tasksOf({ team1: ['a/one.ts', 'a/two.ts'], team2: ['b/one.ts'], team3: ['c/one.ts'], team4: ['d/one.ts'] });
const options = { tasks: TASKS, synchronisation: 'barrier' as const, durationMs: () => 1 };

test('every phase of every task is answered once, and every agent gets a prompt', () => {
  for (const teams of [1, 2, 4]) {
    const session = simulateSession({ ...options, teams });
    expect(session.answers).toBe(TASKS.length * PHASES.length);
    expect(session.texts.length).toBe(1 + 2 * TASKS.length * PHASES.length);
  }
});

test('a task is named by a number and owns what its team owns', () => {
  expect(TASKS[0]).toEqual({ id: 'TASK-01', description: 'Change what is in a/one.ts and the files beside it', files: ['a/one.ts', 'a/two.ts'], dependencies: [], priority: 0 });
});

test('side by side takes the time of the longest, in turn the sum', () => {
  expect([1, 2, 4].map((teams) => simulateSession({ ...options, teams }).endMs)).toEqual([20, 10, 5]);
});

test('the tokens are those of all texts, and one team in turn is the base', () => {
  const characters = { name: 'characters', count: (text: string) => text.length };
  const { tokeniser, tasks, teams } = countTokens([1, 4], TASKS, characters);
  const sum = (count: number): number => simulateSession({ ...options, teams: count, durationMs: () => 600_000 }).texts.join('').length;
  expect({ tokeniser, tasks, teams }).toEqual({
    tokeniser: 'characters', tasks: 4,
    teams: [{ teams: 1, tokens: sum(1), answers: 20, share: 1, documents: 3 }, { teams: 4, tokens: sum(4), answers: 20, share: sum(4) / sum(1), documents: 6 }],
  });
});

test('the tokeniser counts what is known of it', () => {
  expect(['hello world', 'spark-gates phase complete team1 implementation', ''].map((text) => encode(text).length)).toEqual([2, 8, 0]);
});
