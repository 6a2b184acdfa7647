import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { lintSource } from '@secretlint/core';
import ignore from 'ignore';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { ignoreTest } from '../../src/system/globs.ts';
import { parseJson } from '../../src/system/parse-json.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';
import { KeptResults } from '../engines/kept-results.ts';
import { loadedModules } from '../engines/loaded-modules.ts';
import { guardTree } from '../engines/tree-guards.ts';
import { noteOf, silencedNote } from '../engines/text/listing.ts';
import { readSourceText } from '../engines/text/source-text.ts';
import { DEFAULT_CONFIG, loadSecretlintConfig, type SecretlintConfig } from './secretlint-config.ts';

/** In the root, in the form of a .gitignore. */
const IGNORE_FILE = '.secretlintignore';

/** How the comments start that have secretlint look away. */
const SILENCER = 'secretlint-disable';

/** Files for one start of the project's own secretlint: below every system's limit for a command line. */
const FILES_PER_PROCESS = 200;

export const secretsParamsSchema = z.object({
  /** Absolute folder of the project's secretlint, or null for the bundled one. */
  tool: z.string().nullable(),
  /** Workspace-relative path of the project's secretlint configuration, or null. */
  config: z.string().nullable(),
});

interface SecretMessage {
  readonly ruleId: string;
  readonly ruleParentId?: string | undefined;
  readonly message: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly loc: { readonly start: { readonly line: number; readonly column: number } };
}

export async function findSecrets(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { tool, config } = secretsParamsSchema.parse(check.parts[0]?.params);
  if (tool !== null) return findWithProject(tool, check.files, context);
  if (config === null) return findWithCore(DEFAULT_CONFIG, check.files, context);
  const loaded = await loadSecretlintConfig(context.workspace, config);
  if (!loaded.ok) return { status: 'error', failure: loaded.failure };
  // What code decides can't be compared with what it decided the last time, and the code itself cannot be loaded twice.
  const isData = loaded.modules.length === 0;
  if (context.kept !== null && !isData) {
    context.kept.thread.watch(loaded.modules.flatMap((module) => loadedModules(module).files));
    guardTree(context.kept);
  }
  if (loaded.config.rules.every(({ disabled }) => disabled === true)) return { status: 'skipped', reason: `every rule is disabled in ${config}` };
  return findWithCore(loaded.config, check.files, isData ? context : { ...context, kept: null });
}

/** The bundled secretlint, by its core alone: it has no configuration of its own, so it is given the project's. */
async function findWithCore(config: SecretlintConfig, files: readonly string[], context: RunContext): Promise<CheckOutcome> {
  const { root } = context.workspace;
  const findings: Finding[] = [];
  const inspected: string[] = [];
  const left: string[] = [];
  const silenced: Finding[] = [];
  const ignored = await ignoredFiles(root, files);
  const kept = new KeptResults<FileSecrets | null>(context, 'secrets', JSON.stringify(config));
  for (const file of files.filter((one) => !ignored.has(one))) {
    if (context.isCancelled()) return cancelledOutcome(context, findings);
    const known = kept.get(file);
    const found = known === undefined ? await searchFile(root, file, config) : known;
    if (known === undefined) kept.set(file, found);
    if (found === null) {
      left.push(file);
      continue;
    }
    inspected.push(file);
    findings.push(...found.findings);
    silenced.push(...found.silenced);
  }
  return ended(findings, inspected, [...silencedNote(silenced), ...noteOf(left, 'not searched for secrets (binary, too large, or gone)'), ...noteOf([...ignored], `left out by ${IGNORE_FILE}`)]);
}

interface FileSecrets {
  readonly findings: readonly Finding[];
  /** What comments of the file keep from being found. */
  readonly silenced: readonly Finding[];
}

/** Null for what is no text. */
async function searchFile(root: string, file: string, config: SecretlintConfig): Promise<FileSecrets | null> {
  const source = readSourceText(root, file);
  if (source.kind !== 'text') return null;
  const lint = async (content: string): Promise<Finding[]> => {
    const { messages } = await lintSource({ source: { filePath: path.join(root, file), content, contentType: 'text', ext: path.posix.extname(file) }, options: { config, maskSecrets: true } });
    return messages.map((message) => findingOf(file, message));
  };
  const findings = await lint(source.text);
  if (!source.text.includes(SILENCER)) return { findings, silenced: [] };
  const unheeded = await lint(source.text.replaceAll(SILENCER, SILENCER.replace('-', '_')));
  return { findings, silenced: unheeded.filter((one) => !findings.some((other) => compareFindings(other, one) === 0)) };
}

async function ignoredFiles(root: string, files: readonly string[]): Promise<ReadonlySet<string>> {
  const file = path.join(root, IGNORE_FILE);
  if (!existsSync(file)) return new Set();
  return new Set(files.filter(ignoreTest(ignore().add(await readFile(file, 'utf8')))));
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
  const seen = new Set<string>();
  const output = path.join(await context.tempFolder(), 'secretlint.json');
  for (let start = 0; start < files.length; start += FILES_PER_PROCESS) {
    const slice = files.slice(start, start + FILES_PER_PROCESS);
    const args = [path.join(tool, 'bin/secretlint.js'), '--format', 'json', '--maskSecrets', '--no-glob', '--output', output, ...slice.map((file) => path.join(root, file))];
    await rm(output, { force: true });
    const { outcome, stderr } = await context.subprocess({ file: process.execPath, args, cwd: root });
    if (outcome.kind === 'cancelled') return cancelledOutcome(context, findings);
    const report = outcome.kind === 'exited' && outcome.exitCode <= 1 ? await readReport(output) : null;
    if (report === null) return { status: 'error', failure: { reason: 'engine-crashed', engine: 'secretlint', detail: lastLines(stderr) }, findings };
    for (const { filePath, messages } of report) {
      const file = relative(root, filePath);
      seen.add(file);
      findings.push(...messages.map((message) => findingOf(file, message)));
    }
  }
  // Its report leaves out what it ignores, and holds every other file, with a finding or without.
  const inspected = files.filter((file) => seen.has(file));
  const commented = inspected.filter((file) => {
    const source = readSourceText(root, file);
    return source.kind === 'text' && source.text.includes(SILENCER);
  });
  return ended(findings, inspected, [...noteOf(commented, `with ${SILENCER} comments`), ...noteOf(files.filter((file) => !seen.has(file)), `left out by secretlint, by its own rules or ${IGNORE_FILE}`)]);
}

function ended(findings: readonly Finding[], inspected: readonly string[], notes: readonly string[]): CheckOutcome {
  if (inspected.length === 0) return { status: 'skipped', reason: ['no file to search', ...notes].join('; ') };
  return { status: 'done', findings: [...findings].sort(compareFindings), inspected: { files: inspected }, notes };
}

/** Null when there is no report that can be read: secretlint writes one even where it found nothing. */
async function readReport(output: string): Promise<z.infer<typeof reportSchema> | null> {
  if (!existsSync(output)) return null;
  const parsed = reportSchema.safeParse(parseJson(await readFile(output, 'utf8')));
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
