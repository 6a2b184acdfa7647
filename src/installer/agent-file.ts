import { parseDocument } from 'yaml';
import { z } from 'zod';

const frontmatterSchema = z.looseObject({
  name: z.string(),
  description: z.string().min(1),
  tools: z.union([z.string(), z.array(z.string())]).optional(),
});

/** Why the client would not know an agent by the name of its file; null when it would. */
export function agentFault(name: string, text: string): string | null {
  const [, head] = /^---\r?\n(.*?)\r?\n---(?:\r?\n|$)/s.exec(text) ?? [];
  if (head === undefined) return 'it has no frontmatter between two lines of ---';
  const document = parseDocument(head);
  if (document.errors.length > 0) return `its frontmatter is not valid YAML (${document.errors[0]?.message.split('\n')[0] ?? ''})`;
  const read = frontmatterSchema.safeParse(document.toJS());
  if (!read.success) return `its frontmatter: ${read.error.issues[0]?.path.join('.') ?? ''}: ${read.error.issues[0]?.message ?? ''}`;
  return read.data.name === name ? null : `its name is ${read.data.name}, not ${name}`;
}
