import path from 'node:path';
import type { CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { parseJson } from '../../src/system/parse-json.ts';
import { batches } from './batches.ts';
import { cancelledOutcome } from './cancelled.ts';

/** Files that Biome or oxlint lints; travels to the worker. */
export interface NativeLinterParams {
  readonly linter: 'biome' | 'oxlint';
  readonly tool: { readonly folder: string; readonly version: string };
  /** Workspace-relative path of the configuration. */
  readonly config: string;
  /** Workspace-relative folder it is run in. */
  readonly folder: string;
  /** Workspace-relative. */
  readonly files: readonly string[];
}

/** What one run said about some files. */
export interface NativeLint {
  readonly findings: readonly Finding[];
  /** Those of the given that it did lint; relative to the folder it ran in, as given. */
  readonly linted: readonly string[];
  readonly rules?: number;
}

/** Lints files (given relative to the folder it runs in), or tells how it ended instead. */
export type NativeLinter = (files: readonly string[], run: NativeLinterRun) => Promise<NativeLint | CheckOutcome>;

export interface NativeLinterRun {
  readonly params: NativeLinterParams;
  readonly context: RunContext;
  /** Absolute. */
  readonly cwd: string;
  /** Workspace-relative path of what the linter calls `file`. */
  pathOf(file: string): string;
  execute(args: readonly string[]): Promise<Executed | CheckOutcome>;
  crashed(detail: string): CheckOutcome;
}

export interface Executed {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a native linter over all files, in as many command lines as they need. */
export async function lintNatively(params: NativeLinterParams, context: RunContext, linter: NativeLinter): Promise<CheckOutcome> {
  const cwd = path.join(context.workspace.root, params.folder);
  const run: NativeLinterRun = {
    params,
    context,
    cwd,
    pathOf: (file) => path.posix.normalize(path.posix.join(params.folder, file)),
    crashed: (detail) => ({ status: 'error', failure: { reason: 'engine-crashed', engine: `${params.linter} ${params.tool.version}`, detail } }),
    execute: (args) => execute(args, run),
  };
  const findings: Finding[] = [];
  const inspected: string[] = [];
  let rules: number | undefined;
  // The leading dot keeps a name that starts with a dash from being an option.
  const named = params.files.map((file) => `./${path.posix.relative(params.folder, file)}`);
  for (const batch of batches(named)) {
    const part = await linter(batch, run);
    if ('status' in part) return part.status === 'error' ? { ...part, findings } : part;
    findings.push(...part.findings);
    inspected.push(...part.linted.map((file) => run.pathOf(file)));
    rules = part.rules;
  }
  if (inspected.length === 0) return { status: 'skipped', reason: `${params.config} has ${params.linter} lint none of ${String(params.files.length)} files` };
  const unique = findings.sort(compareFindings).filter((finding, index) => index === 0 || compareFindings(finding, findings[index - 1] ?? finding) !== 0);
  const left = params.files.length - inspected.length;
  return {
    status: 'done',
    findings: unique,
    inspected: { files: inspected.sort(), ...(rules === undefined ? {} : { rules }) },
    ...(left > 0 ? { notes: [`${params.config} ignores or does not cover ${String(left)} of ${String(params.files.length)} files`] } : {}),
  };
}

async function execute(args: readonly string[], run: NativeLinterRun): Promise<Executed | CheckOutcome> {
  const { params, context, cwd } = run;
  const script = path.join(params.tool.folder, 'bin', params.linter);
  const result = await context.subprocess({ file: process.execPath, args: [script, ...args], cwd });
  switch (result.outcome.kind) {
    case 'cancelled':
      return cancelledOutcome(context);
    case 'not-started':
      return run.crashed(result.outcome.message);
    case 'killed':
      return run.crashed(`ended by ${result.outcome.signal}`);
    case 'exited':
      return result.truncated ? run.crashed('its output is longer than can be read') : { exitCode: result.outcome.exitCode, stdout: result.stdout, stderr: result.stderr };
  }
}

/** The JSON document in a tool's output, or null when there is none. */
export function readJson(text: string): unknown {
  return parseJson(text.slice(Math.max(text.indexOf('{'), 0)));
}

/** The first line of a tool's complaint that says something: neither blank nor a rule drawn across the screen. */
export function firstWords(text: string): string {
  const lines = text.split('\n').map((line) => line.replace(/^[\s×x]+(?=\S)/, '').trim());
  return lines.find((line) => line !== '' && !line.includes('━') && !line.includes('reporters are experimental')) ?? 'no output';
}
