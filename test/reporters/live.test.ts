import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { createLiveMatrix } from '../../src/reporters/pretty/live.ts';
import { drawMatrix } from '../../src/reporters/pretty/matrix.ts';
import { makePalette } from '../../src/reporters/pretty/palette.ts';
import { RunState } from '../../src/reporters/pretty/run-state.ts';
import { createPrettyReporter } from '../../src/reporters/pretty.ts';
import { GATE_IDS } from '../../src/model/gate.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import stringWidth from 'string-width';
import { makeCheck, makeRun, makeVerdict, recordOutput } from './events.ts';

const ALL = Object.fromEntries(GATE_IDS.map((gate, index) => [gate, index === 3 ? makeVerdict('error', { reason: 'no' }) : makeVerdict('passed')])) as Record<(typeof GATE_IDS)[number], Verdict>;

function draw(columns: number, rowsMax = Infinity): string[] {
  const state = new RunState();
  for (const event of makeRun({ api: ALL, '界面とユーザー体験を担当するチーム': ALL, 'a-team-with-a-very-long-name-indeed': ALL })) state.apply(event, 0);
  return drawMatrix(state, { palette: makePalette({ colour: false, unicode: true }), columns, frame: 0, nowMs: 0, rowsMax });
}

test.each([200, 80, 60, 44, 30, 20])('fits a terminal of %i columns', (columns) => {
  const lines = draw(columns);
  expect(lines.filter((line) => stringWidth(line) >= columns)).toEqual([]);
  // Every mark of every team is there, however narrow it is.
  expect(lines.join('').match(/✓/g)).toHaveLength(21);
  expect(lines.join('').match(/!/g)).toHaveLength(3);
});

test('with 80 columns everything but the end of long names is shown', () => {
  expect(draw(80)).toEqual([
    '              syntax  types   lint    security  tests   perf    docs    integr.',
    ' api          ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ! error   ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ✓ 0.2s',
    ' 界面とユー…  ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ! error   ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ✓ 0.2s',
    ' a-team-wit…  ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ! error   ✓ 0.2s  ✓ 0.2s  ✓ 0.2s  ✓ 0.2s',
  ]);
});

test('counts the teams that a low terminal has no room for', () => {
  expect(draw(80, 1).at(-1)).toBe(' … and 2 more teams');
});

test('only the cells that a check decides show it running', () => {
  const state = new RunState();
  state.apply({
    type: 'run-started', root: '/repository', teams: [{ name: 'api', files: 1 }, { name: 'web', files: 1 }], gates: ['type_verification'], checks: [makeCheck('one', 'type_verification'), makeCheck('two', 'type_verification')],
    cells: [{ team: 'api', gate: 'type_verification', checks: ['one'] }, { team: 'web', gate: 'type_verification', checks: ['two'] }], notes: [],
  }, 0);
  state.apply({ type: 'check-started', check: 'one', gates: ['type_verification'], atMs: 0 }, 500);
  const lines = drawMatrix(state, { palette: makePalette({ colour: false, unicode: true }), columns: 80, frame: 1, nowMs: 1700, rowsMax: 9 });
  expect(lines).toEqual(['           types', ' api       ⠙ 1.2s', ' web       ·']);
});

test('names the checks that wait for the machine until they start', () => {
  const check = 'check of test_coverage';
  const state = new RunState();
  for (const event of makeRun({ api: ALL }).slice(0, 1)) state.apply(event, 0);
  const picture = (): string => {
    const { options, written } = recordOutput({ columns: 80, live: true });
    createLiveMatrix({ state, stderr: options.stderr, clock: options.clock, startedMs: 0, palette: makePalette({ colour: false, unicode: true }) }).stop();
    return stripVTControlCharacters(written.stderr);
  };
  state.apply({ type: 'check-waiting', check, gates: ['test_coverage'], atMs: 2_000 }, 2_000);
  expect(picture()).toContain(' 0/8 checks · 0.0 s · waiting for the machine: check of test_coverage\n');
  state.apply({ type: 'check-started', check, gates: ['test_coverage'], atMs: 3_000 }, 3_000);
  expect(picture()).toContain(' 0/8 checks · 0.0 s · check of test_coverage\n');
});

test('draws on stderr while it runs, takes the picture away, and leaves stdout to the result', async () => {
  const { options, written } = recordOutput({ columns: 80, live: true });
  const reporter = createPrettyReporter(options);
  const events = makeRun({ api: ALL });
  for (const event of events.slice(0, -1)) reporter.onEvent(event);
  expect(written.stdout).toBe('');
  expect(stripVTControlCharacters(written.stderr)).toContain(' api       ·');
  for (const event of events.slice(-1)) reporter.onEvent(event);
  await reporter.finish();
  const { stderr } = written;
  // The last thing written erases what was drawn: three lines and the one the cursor stands on.
  expect(stderr.slice(stderr.lastIndexOf('\u001b[?2026h')).split('\u001b[2K')).toHaveLength(6);
  expect(written.stdout.split('\n')[1]).toBe('           syntax  types   lint    security  tests   perf    docs    integr.');
});
