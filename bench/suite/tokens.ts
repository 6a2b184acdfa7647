import type { Phase } from '../../src/model/phase.ts';
import type { Task } from '../../src/model/task.ts';
import type { Effect } from '../../src/orchestrator/decision.ts';
import { completionAnswer, executionAnswer } from '../../src/orchestrator/answers.ts';
import { handleMultiImplement } from '../../src/orchestrator/multi-implement.ts';
import { GATES_BY_PHASE, NOTHING_MEASURED, type Measured } from '../../src/orchestrator/phase-gates.ts';
import { acceptCompletion, handleTeamCompletion } from '../../src/orchestrator/team-completion.ts';
import type { TokenResult } from './document.ts';

export interface Tokeniser {
  readonly name: string;
  count(text: string): number;
}

/** One session from its start to its end, decided by the orchestrator's real state machine. */
export interface SimulatedSession {
  /** Everything that an agent is given to read, in order: the answers of commands, and each agent's own prompt. */
  readonly texts: readonly string[];
  /** Answers to completed phases: what has to be coordinated. */
  readonly answers: number;
  readonly endMs: number;
}

export interface SessionOptions {
  readonly tasks: readonly Task[];
  readonly teams: number;
  readonly synchronisation: 'barrier' | 'pipelined';
  /** How long a task's phase takes. */
  readonly durationMs: (task: string, phase: Phase) => number;
}

/** Every phase passes at its first try, and time passes by events only. */
export function simulateSession({ tasks, teams, synchronisation, durationMs }: SessionOptions): SimulatedSession {
  const started = handleMultiImplement({ coordination: null, teams: {} }, { tasks, taskIds: tasks.map(({ id }) => id), teams, synchronisation, nowMs: 0 });
  if (!started.ok) throw new Error(started.refusal.reason);
  const texts = [executionAnswer(started.decision)];
  const ends: { team: string; phase: Phase; atMs: number }[] = [];
  const begin = (effects: readonly Effect[], nowMs: number): void => {
    for (const effect of effects) {
      if (effect.effect !== 'start-agent') continue;
      const { team_id: team, task_id: task, phase, prompt } = effect.invocation;
      texts.push(prompt);
      ends.push({ team, phase, atMs: nowMs + durationMs(task, phase) });
    }
  };
  begin(started.effects, 0);
  let { state } = started;
  let endMs = 0;
  for (let answers = 0; ; answers += 1) {
    ends.sort((a, b) => b.atMs - a.atMs);
    const next = ends.pop();
    if (next === undefined) return { texts, answers, endMs };
    endMs = next.atMs;
    const accepted = acceptCompletion(state, next);
    const outcome = accepted.ok ? handleTeamCompletion(state, { ...next, measured: passed(next.phase), standing: accepted.standing, nowMs: endMs }) : accepted;
    if (!outcome.ok) throw new Error(outcome.refusal.reason);
    ({ state } = outcome);
    texts.push(completionAnswer(outcome.decision));
    begin(outcome.effects, endMs);
  }
}

/** Contexts of teams, coordination, leases: what a session of so many teams keeps on disk. */
function documentsOf(teams: number): number {
  return teams + 2;
}

/** The same tasks, given to so many teams; one team does them in turn. */
export function countTokens(teamCounts: readonly number[], tasks: readonly Task[], tokeniser: Tokeniser): TokenResult {
  const count = (teams: number): { tokens: number; answers: number } => {
    const { texts, answers } = simulateSession({ tasks, teams, synchronisation: 'barrier', durationMs: () => 600_000 });
    return { tokens: texts.reduce((sum, text) => sum + tokeniser.count(text), 0), answers };
  };
  const base = count(1).tokens;
  return { tokeniser: tokeniser.name, tasks: tasks.length, teams: teamCounts.map((teams) => { const counted = count(teams); return { teams, ...counted, share: counted.tokens / base, documents: documentsOf(teams) }; }) };
}

/** One task for each of so many teams, with the files that the team owns. */
export function tasksOf(teams: Readonly<Record<string, readonly string[]>>): Task[] {
  return Object.entries(teams).map(([, files], index) => ({ id: `TASK-${String(index + 1).padStart(2, '0')}`, description: `Change what is in ${files[0] ?? 'the repository'} and the files beside it`, files: [...files], dependencies: [], priority: 0 }));
}

function passed(phase: Phase): Measured {
  const verdict = { status: 'passed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 0, findings: [], blockers: [] } as const;
  return { ...NOTHING_MEASURED, gates: Object.fromEntries(GATES_BY_PHASE[phase].map((gate) => [gate, verdict])) };
}

