import { parseTree, type Node } from 'jsonc-parser';
import { z } from 'zod';

const strings = z.array(z.string());
const hook = z.looseObject({ type: z.string().optional(), command: z.string().optional(), args: z.unknown().optional(), timeout: z.unknown().optional() });

/**
 * What the client (2.1.330) wants of its settings.json: a wrong type in one of these makes it drop the whole file, and say nothing.
 * Wrong hooks it drops one by one, unknown keys it passes over.
 */
const settingsSchema = z.looseObject({
  env: z.record(z.string(), z.unknown()).optional(),
  permissions: z.looseObject({ allow: strings.optional(), deny: strings.optional(), ask: strings.optional(), defaultMode: z.string().optional() }).optional(),
  model: z.string().optional(),
  apiKeyHelper: z.string().optional(),
  statusLine: z.looseObject({}).optional(),
  cleanupPeriodDays: z.number().optional(),
  includeCoAuthoredBy: z.boolean().optional(),
  enabledPlugins: z.record(z.string(), z.unknown()).optional(),
  extraKnownMarketplaces: z.record(z.string(), z.unknown()).optional(),
  disableAllHooks: z.boolean().optional(),
  hooks: z.record(z.string(), z.array(z.looseObject({ matcher: z.unknown().optional(), hooks: z.array(hook).optional() }))).optional(),
});

export type ClientSettings = z.output<typeof settingsSchema>;

export type SettingsResult =
  | { readonly ok: true; readonly settings: ClientSettings }
  /** One sentence, to go behind the file's name. */
  | { readonly ok: false; readonly problem: string };

const DROPPED = 'the client drops the whole file, and says nothing';

/** Reads settings as the client does: strict JSON (no comments, no comma too many), a byte order mark allowed. */
export function readSettings(text: string): SettingsResult {
  let value: unknown;
  try {
    value = JSON.parse(withoutMark(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, problem: `it is not valid JSON (${error.message}): ${DROPPED}; mend it, comments and trailing commas are not allowed` };
  }
  const result = settingsSchema.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const at = issue?.path.join('.') ?? '';
    return { ok: false, problem: `${at === '' ? 'the whole' : at} is not what the client takes (${issue?.message ?? 'wrong'}): ${DROPPED}; mend it` };
  }
  const twice = repeatedKey(withoutMark(text));
  if (twice !== null) return { ok: false, problem: `it has the key "${twice}" twice, of which only one counts; leave one` };
  return { ok: true, settings: result.data };
}

const MARK = '\uFEFF';

export function withoutMark(text: string): string {
  return text.startsWith(MARK) ? text.slice(1) : text;
}

/** At the top, and in `hooks`: where something may be put in. */
function repeatedKey(text: string): string | null {
  const root = parseTree(text);
  const hooks = root?.children?.find((child) => child.children?.[0]?.value === 'hooks')?.children?.[1];
  return repeatedIn(root) ?? repeatedIn(hooks);
}

function repeatedIn(node: Node | undefined): string | null {
  const keys = (node?.children ?? []).map((child) => String(child.children?.[0]?.value));
  return keys.find((key, index) => keys.indexOf(key) !== index) ?? null;
}
