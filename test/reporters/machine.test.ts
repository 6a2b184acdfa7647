import { expect, test } from 'vitest';
import { createJsonReporter } from '../../src/reporters/json.ts';
import { createNdjsonReporter } from '../../src/reporters/ndjson.ts';
import { makeFinding, makeRun, makeVerdict, recordOutput } from './events.ts';

const EVENTS = makeRun({ api: { lint_enforcement: makeVerdict('failed', { findings: [makeFinding('lint_enforcement', { message: 'über\u2028lines\nand "quotes"' })] }) } });

test('json prints the report, one document, and nothing else anywhere', async () => {
  const { options, written } = recordOutput();
  const reporter = createJsonReporter(options);
  for (const event of EVENTS) reporter.onEvent(event);
  expect(written.stdout).toBe('');
  await reporter.finish();
  const last = EVENTS.at(-1);
  expect(JSON.parse(written.stdout)).toEqual(last?.type === 'run-finished' ? last.report : null);
  expect(written.stdout.endsWith('}\n')).toBe(true);
  expect(written.stderr).toBe('');
});

test('json prints nothing for a run that broke off', async () => {
  const { options, written } = recordOutput();
  const reporter = createJsonReporter(options);
  for (const event of EVENTS.slice(0, -1)) reporter.onEvent(event);
  await reporter.finish();
  expect(written).toEqual({ stdout: '', stderr: '' });
});

test('ndjson prints one event a line, as it comes', async () => {
  const { options, written } = recordOutput();
  const reporter = createNdjsonReporter(options);
  for (const [index, event] of EVENTS.entries()) {
    reporter.onEvent(event);
    expect(written.stdout.split('\n')).toHaveLength(index + 2);
  }
  await reporter.finish();
  expect(written.stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual(EVENTS);
  expect(written.stderr).toBe('');
});
