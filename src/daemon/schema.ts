import { z } from 'zod';
import { SIGNAL_EXIT_CODES } from '../model/signals.ts';
import type { ClientMessage, FromHost } from './messages.ts';

// A client of an earlier version does not say where it is, and must be understood to be told so.
const identity = z.object({ protocol: z.number(), build: z.string(), node: z.string(), program: z.string().default('') });
const stream = z.object({ isTTY: z.boolean(), colour: z.boolean(), columns: z.number().positive().nullable(), rows: z.number().positive() });
const exitCode = z.literal(Object.values(SIGNAL_EXIT_CODES));
const output = z.object({ type: z.literal('output'), stream: z.enum(['stdout', 'stderr']), text: z.string() });

/** What may come in through the socket. */
export const clientMessageSchema: z.ZodType<ClientMessage> = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    identity,
    args: z.array(z.string()),
    cwd: z.string().min(1),
    environment: z.record(z.string(), z.string()),
    umask: z.number().int().min(0).max(0o777),
    stdout: stream,
    stderr: stream,
    live: z.boolean(),
    unicode: z.boolean(),
    input: z.string().optional(),
    goesOn: z.boolean().optional(),
  }),
  z.object({ type: z.enum(['status', 'stop']), identity }),
  z.object({ type: z.literal('signal'), exitCode, force: z.boolean() }),
  z.object({ type: z.literal('resize'), columns: z.number().positive(), rows: z.number().positive() }),
]);

/** What a host may say; the projects' own code runs in its threads. */
export const fromHostSchema: z.ZodType<FromHost> = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready'), identity }),
  z.object({ type: z.literal('beat') }),
  output,
  z.object({ type: z.literal('done'), exitCode: z.number().int(), memoryBytes: z.number() }),
  z.object({ type: z.literal('refused'), detail: z.string() }),
]);
