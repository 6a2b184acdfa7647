import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { KeptResults } from '../engines/kept-results.ts';
import { noteOf } from '../engines/text/listing.ts';
import { readSourceText } from '../engines/text/source-text.ts';
import { readDocument, type Fence, type MarkdownDocument } from './document.ts';
import { checkFence, type FenceVerdict } from './fences.ts';
import { checkLink } from './links.ts';

const paramsSchema = z.object({ links: z.boolean(), fences: z.boolean() });

export function checkMarkdown(check: Check, context: RunContext): CheckOutcome {
  const { links, fences } = paramsSchema.parse(check.parts[0]?.params);
  const { root, files } = context.workspace;
  const kept = new KeptResults<ReadDocument | null>(context, check.id, String(fences));
  const documents = new Map<string, ReadDocument | null>();
  const documentOf = (file: string): ReadDocument | null => {
    const known = documents.get(file);
    if (known !== undefined) return known;
    const document = kept.of(file, () => read(root, file, fences));
    documents.set(file, document);
    return document;
  };
  const targets = new Map<string, boolean>();
  const surroundings = { root, anchorsOf: (file: string) => documentOf(file)?.anchors ?? null, onTarget: (name: string, isThere: boolean) => { targets.set(name, isThere); } };

  const findings: Finding[] = [];
  const inspected: string[] = [];
  const outlined: string[] = [];
  for (const file of check.files) {
    if (context.isCancelled()) return cancelledOutcome(context, findings);
    const document = documentOf(file);
    if (document === null) continue;
    inspected.push(file);
    const add = (rule: string, message: string, place: { line: number; column: number }): void => {
      findings.push({ gate: 'documentation_check', rule, message, file, line: place.line, column: place.column, severity: 'error' });
    };
    for (const link of links ? document.links : []) {
      const problem = checkLink(file, link, surroundings);
      if (problem !== null) add(problem.rule, problem.message, problem);
    }
    for (const [fence, verdict] of document.verdicts) {
      if (typeof verdict === 'object') add('fence-syntax', `this ${fence.language} fence does not parse: ${verdict.message}`, verdict);
      else if (verdict === 'outline') outlined.push(`${file}:${String(fence.line)}`);
    }
  }
  if (inspected.length === 0) return { status: 'skipped', reason: 'no readable Markdown' };
  const notes = noteOf(outlined, 'with a code fence that is an outline ("...", a diff, an expected error), not parsed');
  const known = new Set(['.', './', ...files]);
  // Folders, what git ignores, and what is missing: nobody may have looked there.
  const others = [...targets.keys()].filter((name) => !known.has(name)).sort();
  const names = { found: others.filter((name) => targets.get(name) === true), missing: others.filter((name) => targets.get(name) === false) };
  return { status: 'done', findings: findings.sort(compareFindings), inspected: { files: inspected }, notes, ...(others.length === 0 ? {} : { validity: { kind: 'names', ...names } }) };
}

interface ReadDocument extends MarkdownDocument {
  readonly verdicts: ReadonlyMap<Fence, FenceVerdict>;
}

/** What can be told from the file alone: whether its links hold depends on others. */
function read(root: string, file: string, fences: boolean): ReadDocument | null {
  const source = /\.(?:md|markdown)$/i.test(file) ? readSourceText(root, file) : null;
  if (source?.kind !== 'text') return null;
  const document = readDocument(source.text);
  return { ...document, verdicts: new Map((fences ? document.fences : []).map((fence) => [fence, checkFence(fence)])) };
}
