import { createHash } from 'node:crypto';
import { z } from 'zod';
import { toUnixEnds } from './line-ends.ts';

/** Where `init` writes down what it did, so that `uninstall` can undo just that. Relative to the root. */
export const RECORD_FILE = '.claude/spark-gates/installed.json';

/** Where `init` writes, and nothing else is believed to be of it: the record is a file that anybody can edit. */
const OURS = /^\.claude\/(?:agents|commands|spark-gates)\/[\w.-]+$/;

const edit = z.strictObject({ offset: z.number().int().min(0), length: z.number().int().min(0), content: z.string() });

const recordSchema = z.object({
  version: z.literal(1),
  by: z.string().describe('The version of spark-gates that wrote it.'),
  form: z.enum(['project', 'plugin']),
  teams: z.number().int().min(1),
  files: z.record(z.string().regex(OURS), z.string()).describe('SHA-256 of each file as it was written, with line ends of \\n.'),
  folders: z.array(z.string()).describe('Those that were not there before; the deepest first.'),
  settings: z.strictObject({
    before: z.string().nullable().describe('SHA-256 of settings.json as it was; null: there was none.'),
    after: z.string(),
    undo: z.array(edit).describe('What makes the one of the other, one edit after another.'),
  }),
});

export type InstallRecord = z.output<typeof recordSchema>;

export function parseRecord(text: string): InstallRecord | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const result = recordSchema.safeParse(value);
  return result.success ? result.data : null;
}

export function printRecord(record: InstallRecord): string {
  return `${JSON.stringify(record, null, 2)}\n`;
}

/** The same for all line ends. */
export function digest(text: string): string {
  return createHash('sha256').update(toUnixEnds(text)).digest('hex');
}
