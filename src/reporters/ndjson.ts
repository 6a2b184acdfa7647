import type { CreateReporter } from './reporter.ts';

/** One event a line on stdout, as it happens; the last line is `run-finished` with the whole report. */
export const createNdjsonReporter: CreateReporter = ({ stdout }) => ({
  onEvent(event) {
    stdout.write(`${JSON.stringify(event)}\n`);
  },
  finish: () => stdout.flush(),
});
