import stringWidth from 'string-width';
import type { GateId } from '../../model/gate.ts';
import { GATE_HEADS, type Palette } from './palette.ts';
import type { CellState, RunState } from './run-state.ts';
import { padEnd, printable, shortDuration, truncate } from './text.ts';

export interface MatrixOptions {
  readonly palette: Palette;
  /** No line is longer; Infinity where nothing wraps. */
  readonly columns: number;
  /** Which picture of the spinner. */
  readonly frame: number;
  readonly nowMs: number;
  /** Teams shown at most; the rest is counted in a last line. */
  readonly rowsMax: number;
}

const INDENT = 1;
const TEAM_COLUMNS_MIN = 8;
const CELL_COLUMNS_MIN = 6;

/** Teams down, gates across. Drops the times, then the heads, when the terminal is too narrow for them. */
export function drawMatrix(state: RunState, options: MatrixOptions): string[] {
  const teams = state.teams.slice(0, options.rowsMax);
  const hidden = state.teams.length - teams.length;
  const rows = teams.map((team) => ({ name: printable(team), cells: state.gates.map((gate) => state.cell(team, gate)) }));
  const lines = drawFull(rows, state.gates, options) ?? drawMarks(rows, state.gates, options);
  return hidden > 0 ? [...lines, options.palette.paint('dim', ` … and ${String(hidden)} more teams`)] : lines;
}

interface Row {
  readonly name: string;
  readonly cells: readonly CellState[];
}

/** Each cell with its time or count; null when that does not fit. */
function drawFull(rows: readonly Row[], gates: readonly GateId[], options: MatrixOptions): string[] | null {
  const texts = rows.map((row) => row.cells.map((cell) => cellText(cell, options)));
  const widths = gates.map((gate, index) => Math.max(CELL_COLUMNS_MIN, GATE_HEADS[gate].length, ...texts.map((cells) => stringWidth(cells[index] ?? ''))));
  const nameWidth = Math.max(TEAM_COLUMNS_MIN, ...rows.map((row) => stringWidth(row.name)));
  for (const gap of [2, 1]) {
    const room = options.columns - 1 - INDENT - widths.reduce((sum, width) => sum + width + gap, 0);
    if (room < TEAM_COLUMNS_MIN) continue;
    const teamWidth = Math.min(nameWidth, room);
    const line = (name: string, cells: readonly string[]): string =>
      `${' '.repeat(INDENT)}${padEnd(truncate(name, teamWidth), teamWidth)}${cells.map((cell, index) => ' '.repeat(gap) + padEnd(cell, widths[index] ?? 0)).join('')}`.trimEnd();
    const heads = options.palette.paint('dim', line('', gates.map((gate) => GATE_HEADS[gate])));
    return [heads, ...rows.map((row, index) => line(row.name, texts[index] ?? []))];
  }
  return null;
}

/** Marks alone under three letters of each gate's name. */
function drawMarks(rows: readonly Row[], gates: readonly GateId[], { palette, columns, frame }: MatrixOptions): string[] {
  const nameWidth = Math.max(1, ...rows.map((row) => stringWidth(row.name)));
  const room = columns - 1 - INDENT - gates.length * 4;
  const heads = room >= TEAM_COLUMNS_MIN;
  const teamWidth = Math.max(3, Math.min(nameWidth, heads ? room : columns - 3 - INDENT - gates.length));
  const step = heads ? 4 : 1;
  const line = (name: string, cells: readonly string[]): string =>
    `${' '.repeat(INDENT)}${padEnd(truncate(name, teamWidth), teamWidth)}${heads ? ' ' : '  '}${cells.map((cell) => padEnd(cell, step)).join('')}`.trimEnd();
  const body = rows.map((row) => line(row.name, row.cells.map((cell) => palette.mark(cell.status, cell.blocking, frame))));
  return heads ? [palette.paint('dim', line('', gates.map((gate) => GATE_HEADS[gate].slice(0, 3)))), ...body] : body;
}

function cellText(cell: CellState, { palette, frame, nowMs }: MatrixOptions): string {
  const mark = palette.mark(cell.status, cell.blocking, frame);
  switch (cell.status) {
    case 'pending':
    case 'skipped':
      return mark;
    case 'running':
      return `${mark} ${palette.paint('dim', shortDuration(Math.max(0, nowMs - cell.startedMs)))}`;
    case 'passed':
      return `${mark} ${palette.paint('dim', shortDuration(cell.durationMs))}`;
    case 'failed':
      return cell.findings === 0 ? mark : `${mark} ${String(cell.findings)}`;
    case 'error':
      return `${mark} error`;
  }
}
