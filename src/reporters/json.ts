import type { RunReport } from '../model/report.ts';
import type { CreateReporter } from './reporter.ts';

/** Exactly one document on stdout when the run has ended, and nothing else. */
export const createJsonReporter: CreateReporter = ({ stdout }) => {
  let report: RunReport | null = null;
  return {
    onEvent(event) {
      if (event.type === 'run-finished') report = event.report;
    },
    async finish() {
      if (report !== null) stdout.write(`${JSON.stringify(report, null, 2)}\n`);
      await stdout.flush();
    },
  };
};
