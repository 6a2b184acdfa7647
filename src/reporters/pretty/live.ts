import { createLogUpdate } from 'log-update';
import type { Clock } from '../../system/clock.ts';
import type { Output } from '../../system/output.ts';
import { drawMatrix } from './matrix.ts';
import type { Palette } from './palette.ts';
import type { RunState } from './run-state.ts';
import { longDuration, printable, truncate } from './text.ts';

export interface LiveMatrix {
  /** Takes the picture away and shows the cursor again. */
  stop(): void;
}

export interface LiveMatrixOptions {
  readonly state: RunState;
  readonly stderr: Output;
  readonly clock: Clock;
  readonly startedMs: number;
  readonly palette: Palette;
}

const REDRAW_MS = 100;
/** Head, blank line, and what is running now. */
const ROWS_AROUND = 4;

/** Redraws the matrix ten times a second, on a timer that keeps no process alive. The cursor comes back on every exit. */
export function createLiveMatrix({ state, stderr, clock, startedMs, palette }: LiveMatrixOptions): LiveMatrix {
  // log-update wants a stream; what it uses of one is this. It puts the cursor back by itself when the process ends.
  const stream = {
    write: (text: string): boolean => {
      stderr.write(text);
      return true;
    },
    isTTY: true,
    get columns() {
      return stderr.columns;
    },
    get rows() {
      return stderr.rows;
    },
  };
  const show = createLogUpdate(stream as unknown as NodeJS.WritableStream);
  let frame = 0;
  const draw = (): void => {
    frame += 1;
    const nowMs = clock.monotonicMs();
    const matrix = drawMatrix(state, { palette, columns: stderr.columns, frame, nowMs, rowsMax: Math.max(1, stderr.rows - ROWS_AROUND) });
    const running = state.running.map(printable).join(', ');
    const waiting = state.waiting.length === 0 ? '' : `waiting for the machine: ${state.waiting.map(printable).join(', ')}`;
    const progress = [`${String(state.checksDone)}/${String(state.checks)} checks`, longDuration(nowMs - startedMs), running, waiting].filter((part) => part !== '').join(` ${palette.dot} `);
    show([...matrix, '', palette.paint('dim', truncate(` ${progress}`, stderr.columns - 1))].join('\n'));
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS).unref();
  return {
    stop() {
      clearInterval(timer);
      show.clear();
      show.done();
    },
  };
}
