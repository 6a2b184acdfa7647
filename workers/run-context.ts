import { mkdtemp } from 'node:fs/promises';
import path from 'node:path';
import { LIMITS } from '../src/model/limits.ts';
import type { KeptLane, RunContext } from '../src/model/run-context.ts';
import type { Workspace } from '../src/model/workspace.ts';
import { CORES_VARIABLE } from '../src/system/machine.ts';
import type { ProcessTree } from '../src/system/process-tree.ts';
import { runSubprocess, type SubprocessResult } from '../src/system/subprocess.ts';

export interface RunContextParts {
  readonly workspace: Workspace;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly isCancelled: () => boolean;
  readonly lane: Map<string, unknown>;
  /** Absent: nothing outlives the run. */
  readonly kept?: KeptLane;
  readonly slots: number;
  /** A folder of the run; whoever made it removes it. */
  readonly tempRoot: string;
  onTree?(tree: ProcessTree, state: 'started' | 'ended'): void;
  /** Told how each program ended. */
  onEnded?(result: SubprocessResult): void;
}

/** What one check gets to work with. */
export function createRunContext(parts: RunContextParts): RunContext {
  return {
    workspace: parts.workspace,
    signal: parts.signal,
    isCancelled: parts.isCancelled,
    lane: parts.lane,
    kept: parts.kept ?? null,
    slots: parts.slots,
    environment: parts.environment,
    runFolder: parts.tempRoot,
    tempFolder: () => mkdtemp(path.join(parts.tempRoot, 'check-')),
    subprocess: async (request) => {
      const result = await runSubprocess(request, {
        environment: { ...parts.environment, [CORES_VARIABLE]: String(parts.slots) },
        signal: parts.signal,
        graceMs: LIMITS.terminateGraceMs,
        outputBytesMax: LIMITS.outputBytesMax,
        onTree: parts.onTree?.bind(parts),
      });
      parts.onEnded?.(result);
      return result;
    },
  };
}
