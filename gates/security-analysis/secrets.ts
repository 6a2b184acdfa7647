import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { noteOf } from '../engines/text/listing.ts';
import { readSourceText } from '../engines/text/source-text.ts';

const PRESET = '@secretlint/secretlint-rule-preset-recommend';

/** Files for one start of the project's own secretlint: below every system's limit for a command line. */
const FILES_PER_PROCESS = 200;

export const secretsParamsSchema = z.object({
  /** Absolute folder of the project's secretlint, or null for the bundled one. */
  tool: z.string().nullable(),
});

interface SecretMessage {
  readonly ruleId: string;
  readonly ruleParentId?: string | undefined;
  readonly message: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
}

export async function findSecrets(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { tool } = secretsParamsSchema.parse(check.parts[0]?.params);
  return tool === null ? findWithPreset(check.files, context) : findWithProject(tool, check.files, context);
}

async function findWithPreset(files: readonly string[], context: RunContext): Promise<CheckOutcome> {
  const { root } = context.workspace;
  const findings: Finding[] = [];
  const inspected: string[] = [];
  const left: string[] = [];
  for (const file of files) {
    if (context.isCancelled()) return cancelledOutcome(context, findings);
    const source = readSourceText(root, file);
    if (source.kind !== 'text') {
      left.push(file);
      continue;
    }
    inspected.push(file);
    const result = await lintSource({
      source: { filePath: path.join(root, file), content: source.text, contentType: 'text', ext: path.posix.extname(file) },
      options: { config: { rules: [{ id: PRESET, rule: creator }] }, maskSecrets: true },
    });
    findings.push(...result.messages.map((message) => findingOf(file, message)));
  }
  return ended(findings, inspected, noteOf(left, 'not searched for secrets (binary, too large, or gone)'));
}

const reportSchema = z.array(z.object({
  filePath: z.string(),
  messages: z.array(z.object({
    ruleId: z.string(),
    ruleParentId: z.string().optional(),
    message: z.string(),
    severity: z.enum(['info', 'warning', 'error']),
    loc: z.object({ start: z.object({ line: z.number(), column: z.number() }) }),
  })),
}));

async function findWithProject(tool: string, files: readonly string[], context: RunContext): Promise<CheckOutcome> {
  const { root } = context.workspace;
  const findings: Finding[] = [];
  // Its report holds every file's whole text, and through a pipe its end gets lost: secretlint exits before it is written.
  const output = path.join(await context.tempFolder(), 'secretlint.json');
  for (let start = 0; start < files.length; start += FILES_PER_PROCESS) {
    const slice = files.slice(start, start + FILES_PER_PROCESS);
    const args = [path.join(tool, 'bin/secretlint.js'), '--format', 'json', '--maskSecrets', '--no-glob', '--output', output, ...slice.map((file) => path.join(root, file))];
    await rm(output, { force: true });
    const { outcome, stderr } = await context.subprocess({ file: process.execPath, args, cwd: root });
    if (outcome.kind === 'cancelled') return cancelledOutcome(context, findings);
    const report = outcome.kind === 'exited' && outcome.exitCode <= 1 ? await readReport(output) : null;
    if (report === null) return { status: 'error', failure: { reason: 'engine-crashed', engine: 'secretlint', detail: lastLines(stderr) }, findings };
    findings.push(...report.flatMap((one) => one.messages.map((message) => findingOf(relative(root, one.filePath), message))));
  }
  return ended(findings, files, []);
}

function ended(findings: readonly Finding[], inspected: readonly string[], notes: readonly string[]): CheckOutcome {
  if (inspected.length === 0) return { status: 'skipped', reason: ['no text file to search', ...notes].join('; ') };
  return { status: 'done', findings: [...findings].sort(compareFindings), inspected: { files: inspected }, notes };
}

/** Null when there is no report that can be read: secretlint writes one even where it found nothing. */
async function readReport(output: string): Promise<z.infer<typeof reportSchema> | null> {
  if (!existsSync(output)) return null;
  const text = await readFile(output, 'utf8');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
  const parsed = reportSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}

/** The secret itself is masked by secretlint before it gets here. */
function findingOf(file: string, message: SecretMessage): Finding {
  return {
    gate: 'security_analysis',
    rule: message.ruleId,
    message: message.message,
    file,
    line: message.loc.start.line,
    column: message.loc.start.column + 1,
    severity: message.severity === 'error' ? 'error' : 'warning',
  };
}

function relative(root: string, absolute: string): string {
  return path.relative(root, absolute).split(path.sep).join('/');
}

function lastLines(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' ? 'it printed no report' : trimmed.split('\n').slice(-5).join('\n');
}
