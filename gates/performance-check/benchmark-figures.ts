import path from 'node:path';
import { z } from 'zod';
import { parseJson } from '../../src/system/parse-json.ts';

/** One benchmark of one run. */
export interface Figure {
  readonly name: string;
  /** Above 0. */
  readonly medianMs: number;
  /** Where it stands, relative to the tree that was measured, where that is known. */
  readonly file: string | null;
}

export type Figures = { readonly ok: true; readonly figures: readonly Figure[] } | { readonly ok: false; readonly problem: string };

/** What a benchmark command prints last, and what a baseline file holds. */
const plainSchema = z.object({
  version: z.literal(1).optional(),
  benchmarks: z.array(z.object({ name: z.string().min(1), medianMs: z.number().positive() })),
});

/** `vitest bench --outputJson`: a benchmark that threw is listed without figures, a skipped one is not listed. */
const vitestSchema = z.object({
  files: z.array(z.object({
    filepath: z.string(),
    groups: z.array(z.object({ fullName: z.string(), benchmarks: z.array(z.object({ name: z.string(), median: z.number().optional() })) })),
  })),
});

/** Reads figures in either form. File names of Vitest's are made relative to `root`. */
export function readFigures(text: string, root: string): Figures {
  const document = parseJson(text);
  const vitest = vitestSchema.safeParse(document);
  if (vitest.success) return vitestFigures(vitest.data, root);
  const plain = plainSchema.safeParse(document);
  if (plain.success) return distinct(plain.data.benchmarks.map((one) => ({ ...one, file: null })));
  const [issue] = plain.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
  return { ok: false, problem: `expected {"benchmarks":[{"name","medianMs"}]} with figures above 0${where}, found ${JSON.stringify(text.trim().slice(0, 200))}` };
}

function vitestFigures(report: z.output<typeof vitestSchema>, root: string): Figures {
  const figures: Figure[] = [];
  for (const { filepath, groups } of report.files) {
    const file = path.relative(root, filepath).split(path.sep).join('/');
    for (const group of groups) {
      for (const { name, median } of group.benchmarks) {
        if (median === undefined || !(median > 0)) return { ok: false, problem: `${group.fullName} > ${name} gave no figures: it threw, or is too quick to be timed` };
        figures.push({ name: `${group.fullName} > ${name}`, medianMs: median, file });
      }
    }
  }
  return distinct(figures);
}

/** Two of one name could be compared with each other. */
function distinct(figures: readonly Figure[]): Figures {
  const names = figures.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  return twice === undefined ? { ok: true, figures } : { ok: false, problem: `two benchmarks are named "${twice}": give each its own name` };
}
