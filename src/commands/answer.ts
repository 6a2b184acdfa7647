import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { printable } from '../reporters/pretty/text.ts';
import { describeDiskTrouble } from '../system/disk-trouble.ts';
import { WorkspaceError } from '../workspace/workspace-error.ts';
import type { CommandContext, ExitCode } from './command-context.ts';

/**
 * What a command of a session answers. Its words go to stdout; with `--json`, one document takes their place there, for
 * refusals too: `{ version, ok, …document, refusal, message }`. Exit code and stderr are the same with and without.
 */
export interface CommandAnswer {
  readonly exitCode: ExitCode;
  /** For stdout, with its last line's end; empty where there is nothing to say. */
  readonly text: string;
  readonly document: Readonly<Record<string, unknown>>;
  /** Null when it was done. */
  readonly refusal: Readonly<{ reason: string }> | null;
  /** Why `ok` is false; null where it is true. */
  readonly message: string | null;
  /** Sentences for stderr. */
  readonly troubles: readonly string[];
}

export function done(text: string, document: CommandAnswer['document']): CommandAnswer {
  return { exitCode: 0, text, document, refusal: null, message: null, troubles: [] };
}

/** It could not be done, and nothing has changed. */
export function refused(refusal: NonNullable<CommandAnswer['refusal']>, ...sentences: readonly string[]): CommandAnswer {
  return { exitCode: 2, text: '', document: {}, refusal, message: sentences.join('\n'), troubles: sentences };
}

export function cancelled({ signal }: Pick<CommandContext, 'signal'>): CommandAnswer {
  return { ...refused({ reason: 'cancelled' }, 'cancelled'), exitCode: signal.reason as ExitCode };
}

/** Does the work and says what came of it; also where there is no repository, or the relay cannot be used. */
export async function answer(options: { readonly json?: boolean }, { stdout, stderr }: Pick<CommandContext, 'stdout' | 'stderr'>, work: () => Promise<CommandAnswer>): Promise<ExitCode> {
  const { exitCode, text, document, refusal, message, troubles } = await orRefused(work);
  for (const trouble of troubles) stderr.write(`spark-gates: ${printable(trouble)}\n`);
  stdout.write(options.json === true ? `${JSON.stringify({ version: 1, ok: exitCode === 0, ...document, refusal, message }, null, 2)}\n` : text);
  return exitCode;
}

async function orRefused(work: () => Promise<CommandAnswer>): Promise<CommandAnswer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof WorkspaceError || error instanceof OrchestratorTrouble) return refused({ reason: error.reason }, error.message);
    const trouble = describeDiskTrouble(error);
    if (trouble === null) throw error;
    return refused({ reason: 'disk' }, trouble);
  }
}
