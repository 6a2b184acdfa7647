import type { RunEvent } from '../../model/event.ts';
import type { GateId } from '../../model/gate.ts';
import type { RunReport } from '../../model/report.ts';
import type { VerdictStatus } from '../../model/verdict.ts';

/** One team × gate as far as it is known. */
export interface CellState {
  readonly status: VerdictStatus;
  readonly blocking: boolean;
  readonly findings: number;
  readonly durationMs: number;
  /** When its first check started, by the reporter's clock. */
  readonly startedMs: number;
}

const PENDING: CellState = { status: 'pending', blocking: true, findings: 0, durationMs: 0, startedMs: 0 };

/** What the events so far add up to: the picture that the live matrix shows. */
export class RunState {
  root = '';
  teams: readonly string[] = [];
  gates: readonly GateId[] = [];
  checks = 0;
  checksDone = 0;
  report: RunReport | null = null;
  readonly #cells = new Map<string, CellState>();
  /** The cells that a check decides, by check. */
  readonly #concerned = new Map<string, readonly string[]>();
  readonly #titles = new Map<string, string>();
  readonly #running = new Map<string, string>();
  readonly #waiting = new Map<string, string>();

  /** Titles of the checks that are running, oldest first. */
  get running(): readonly string[] {
    return [...this.#running.values()];
  }

  /** Titles of those that others keep from running, oldest first. */
  get waiting(): readonly string[] {
    return [...this.#waiting.values()];
  }

  cell(team: string, gate: GateId): CellState {
    return this.#cells.get(cellKey(team, gate)) ?? PENDING;
  }

  /** Folds one event in. `nowMs` is by the same clock as `startedMs`. */
  apply(event: RunEvent, nowMs: number): void {
    switch (event.type) {
      case 'run-started':
        this.#start(event);
        return;
      case 'check-waiting':
        this.#waiting.set(event.check, this.#titles.get(event.check) ?? event.check);
        return;
      case 'check-started':
        this.#waiting.delete(event.check);
        this.#running.set(event.check, this.#titles.get(event.check) ?? event.check);
        for (const cell of this.#concerned.get(event.check) ?? []) {
          if (!this.#cells.has(cell)) this.#cells.set(cell, { ...PENDING, status: 'running', startedMs: nowMs });
        }
        return;
      case 'check-finished':
        this.#waiting.delete(event.check);
        this.#running.delete(event.check);
        this.checksDone += 1;
        return;
      case 'verdict': {
        // What belongs to no team is judged under a name that the run did not start with.
        if (!this.teams.includes(event.team)) this.teams = [...this.teams, event.team];
        const { status, blocking, findings, durationMs } = event.verdict;
        this.#cells.set(cellKey(event.team, event.gate), { status, blocking, findings: findings.length, durationMs, startedMs: 0 });
        return;
      }
      case 'run-finished':
        this.report = event.report;
        return;
      case 'finding':
        return;
    }
  }

  #start(event: Extract<RunEvent, { type: 'run-started' }>): void {
    this.root = event.root;
    this.gates = event.gates;
    this.teams = event.teams.map((team) => team.name);
    this.checks = event.checks.length;
    for (const check of event.checks) {
      this.#titles.set(check.id, check.title);
      const known = event.cells?.filter((cell) => cell.checks.includes(check.id)).map((cell) => cellKey(cell.team, cell.gate));
      this.#concerned.set(check.id, known ?? check.gates.flatMap((gate) => this.teams.map((team) => cellKey(team, gate))));
    }
  }
}

function cellKey(team: string, gate: GateId): string {
  return `${gate} ${team}`;
}
