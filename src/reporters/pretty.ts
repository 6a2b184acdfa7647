import { createLiveMatrix, type LiveMatrix } from './pretty/live.ts';
import { drawMatrix } from './pretty/matrix.ts';
import { findingLines } from './pretty/findings.ts';
import { GATE_LABELS, makePalette } from './pretty/palette.ts';
import { RunState } from './pretty/run-state.ts';
import { blockerLines, reasonLines, summaryLine, whyLines } from './pretty/summary.ts';
import { counted, longDuration, padEnd, printable } from './pretty/text.ts';
import type { CreateReporter } from './reporter.ts';

/**
 * For people. On a terminal a matrix on stderr that redraws itself while the gates run, elsewhere one line a verdict; then,
 * on stdout, the matrix once more, what was found with its code, every reason, and a line that sums it up.
 */
export const createPrettyReporter: CreateReporter = (options) => {
  const { stdout, stderr, clock } = options;
  const palette = makePalette({ colour: options.colour.stdout, unicode: options.unicode });
  const state = new RunState();
  const startedMs = clock.monotonicMs();
  let live: LiveMatrix | null = null;
  let notes: readonly string[] = [];
  let hasToldWait = false;
  const elapsed = (): string => palette.paint('dim', longDuration(clock.monotonicMs() - startedMs).padStart(8));
  const say = (lines: readonly string[]): void => {
    if (lines.length > 0) stdout.write(`${lines.join('\n')}\n`);
  };
  return {
    onEvent(event) {
      state.apply(event, clock.monotonicMs());
      if (event.type === 'run-started') {
        notes = event.notes;
        say(notes.map((note) => palette.paint('dim', printable(note))));
        if (options.live) live = createLiveMatrix({ state, stderr, clock, startedMs, palette: makePalette({ colour: options.colour.stderr, unicode: options.unicode }) });
        else say([`${counted(event.checks.length, 'check')} for ${counted(event.teams.length, 'team')} and ${counted(event.gates.length, 'gate')}`]);
      }
      if (event.type === 'check-waiting' && live === null && !hasToldWait) {
        hasToldWait = true;
        say([`${elapsed()}  ${palette.mark('pending', true, 0)} waiting for cores or memory: ${state.waiting.map(printable).join(', ')} (npx spark-gates doctor says who has them)`]);
      }
      if (event.type === 'verdict' && live === null) {
        const { verdict } = event;
        const mark = palette.mark(verdict.status, verdict.blocking, 0);
        const count = verdict.findings.length === 0 ? '' : `, ${counted(verdict.findings.length, 'finding')}`;
        say([`${elapsed()}  ${mark} ${padEnd(printable(event.team), 10)} ${padEnd(GATE_LABELS[event.gate], 11)} ${verdict.status}${count}`]);
      }
    },
    async finish() {
      live?.stop();
      const { report } = state;
      if (report !== null) {
        const section = (title: string, lines: readonly string[]): void => {
          if (lines.length > 0) say(['', palette.paint('bold', title), ...lines]);
        };
        say(['', ...drawMatrix(state, { palette, columns: stdout.columns, frame: 0, nowMs: 0, rowsMax: Infinity })]);
        for (const [name, team] of Object.entries(report.teams)) {
          const lines = await findingLines(name, team, { palette, colour: options.colour.stdout, root: state.root, readSource: (file) => options.readSource(file) });
          if (lines.length > 0) say(['', ...lines]);
        }
        section('Between teams', blockerLines(report, palette));
        section('Reasons', reasonLines(report, palette));
        section('Notes', report.notes.filter((note) => !notes.includes(note)).map((note) => `  ${printable(note)}`));
        section('Kept results', whyLines(report));
        say(['', summaryLine(report, palette)]);
      }
      await stdout.flush();
      await stderr.flush();
    },
  };
};
