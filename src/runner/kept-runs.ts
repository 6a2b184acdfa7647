import { prepareRun, type PrepareResult, type RunRequest } from './prepare.ts';

/** What a process that outlives its runs keeps between them. */
export class KeptRuns {
  prepare(request: RunRequest): Promise<PrepareResult> {
    return prepareRun(request);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
