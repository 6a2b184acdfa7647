import { KnownSources } from '../workspace/known-sources.ts';
import type { KnownConfigs } from '../workspace/config-file.ts';
import { prepareRun, type PrepareResult, type RunRequest } from './prepare.ts';

/**
 * What a process that outlives its runs keeps between them. The workspace is discovered anew every time, which takes a few milliseconds and
 * cannot be out of date; kept is only what costs more to find than to verify.
 */
export class KeptRuns {
  readonly #sources = new KnownSources();
  readonly #configs: KnownConfigs = new Map();

  prepare(request: RunRequest): Promise<PrepareResult> {
    return prepareRun(request, { sources: this.#sources, configs: this.#configs });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
