import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/**
 * What our reporters inside the test runners write while the tests run, one JSON object a line. A line is complete or
 * absent, so a run that hangs or dies keeps everything that had finished.
 */
const errorSchema = z.object({
  message: z.string(),
  /** As the runner prints it, Expected and Received lines included. */
  diff: z.string().optional(),
  stack: z.string().optional(),
  /** Innermost first, already mapped to the sources; absolute paths. */
  frames: z.array(z.object({ file: z.string(), line: z.number(), column: z.number().nullable() })).optional(),
});

const eventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('test'),
    file: z.string(),
    name: z.string(),
    status: z.enum(['passed', 'failed', 'skipped']),
    durationMs: z.number(),
    /** How often it was tried again by the project's own configuration. */
    retries: z.number().optional(),
    line: z.number().nullable().optional(),
    column: z.number().nullable().optional(),
    errors: z.array(errorSchema).optional(),
  }),
  /** A test file that could not be loaded, or a hook outside any test. */
  z.object({ type: z.literal('file-error'), file: z.string(), name: z.string().optional(), errors: z.array(errorSchema) }),
  z.object({ type: z.literal('unhandled'), file: z.string().nullable(), errors: z.array(errorSchema) }),
  /** What the project configured for coverage, resolved; null where it says nothing. */
  z.object({ type: z.literal('coverage-settings'), include: z.array(z.string()).nullable(), exclude: z.array(z.string()), excludeAs: z.enum(['glob', 'regexp']) }),
  /** The package that would measure coverage is not installed. */
  z.object({ type: z.literal('coverage-missing'), package: z.string() }),
  /** The runner itself threw: its configuration, a plugin. */
  z.object({ type: z.literal('crash'), message: z.string() }),
  /** A plain command came to its end; of a failure all that is known are its last words. `file` is the package.json that has it. */
  z.object({ type: z.literal('command'), file: z.string(), name: z.string(), isTest: z.boolean(), durationMs: z.number(), failure: z.string().nullable() }),
  /** The run came to its end. Without it, it broke off. */
  z.object({ type: z.literal('end'), success: z.boolean() }),
]);

export type RunLogEvent = z.output<typeof eventSchema>;
export type RunError = z.output<typeof errorSchema>;

/** All complete lines of the log; empty when the runner never got to write one. */
export async function readRunLog(file: string): Promise<readonly RunLogEvent[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  const complete = text.slice(0, text.lastIndexOf('\n') + 1);
  return complete.split('\n').filter((line) => line !== '').map((line) => eventSchema.parse(JSON.parse(line)));
}
