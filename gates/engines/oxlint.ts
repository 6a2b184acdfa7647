import { z } from 'zod';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { firstWords, lintNatively, readJson, type NativeLint, type NativeLinterParams, type NativeLinterRun } from './native-linter.ts';

/** What `oxlint --format json` of version 1 prints. A diagnostic without a code is the parser's. */
const report = z.object({
  number_of_files: z.number(),
  number_of_rules: z.number().nullish(),
  diagnostics: z.array(z.object({
    message: z.string(),
    code: z.string().nullish(),
    severity: z.enum(['error', 'warning', 'advice']),
    filename: z.string().nullish(),
    labels: z.array(z.object({ span: z.object({ line: z.number(), column: z.number() }) })).nullish(),
  })),
});

/** Lints with the project's oxlint and its configuration. */
export function lintWithOxlint(params: NativeLinterParams, context: RunContext): Promise<CheckOutcome> {
  return lintNatively(params, context, lintBatch);
}

async function lintBatch(files: readonly string[], run: NativeLinterRun): Promise<NativeLint | CheckOutcome> {
  const executed = await run.execute(['--format', 'json', ...files]);
  if ('status' in executed) return executed;
  const read = report.safeParse(readJson(executed.stdout));
  if (!read.success) {
    const detail = firstWords(executed.stdout.trim() === '' ? executed.stderr : executed.stdout.split('\n').slice(1).join('\n'));
    return { status: 'error', failure: { reason: 'project-config', file: run.params.config, detail } };
  }
  const { number_of_files: count, number_of_rules: rules, diagnostics } = read.data;
  const findings = diagnostics.map((diagnostic) => toFinding(diagnostic, run));
  if (count > 0 && executed.exitCode !== 0 && findings.length === 0) return run.crashed(`exit code ${String(executed.exitCode)} without a finding: ${firstWords(executed.stderr)}`);
  const linted = count === files.length ? files : count === 0 ? [] : await listLinted(files, count, run);
  return 'status' in linted ? linted : { findings, linted, ...(typeof rules === 'number' ? { rules } : {}) };
}

function toFinding(diagnostic: z.output<typeof report>['diagnostics'][number], run: NativeLinterRun): Finding {
  const place = diagnostic.labels?.[0]?.span;
  return {
    gate: 'lint_enforcement',
    rule: diagnostic.code ?? 'parse-error',
    message: diagnostic.message,
    file: diagnostic.filename ? run.pathOf(diagnostic.filename) : null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    severity: diagnostic.severity === 'error' ? 'error' : 'warning',
    ...(typeof diagnostic.code === 'string' ? {} : { kind: 'parse' }),
  };
}

/** The report says how many files it linted, only this says which. */
async function listLinted(files: readonly string[], expected: number, run: NativeLinterRun): Promise<string[] | CheckOutcome> {
  const executed = await run.execute(['--debug=files', ...files]);
  if ('status' in executed) return executed;
  const known = new Map(files.map((file) => [run.pathOf(file), file]));
  const listed = executed.stdout.split('\n').map((line) => known.get(run.pathOf(line.trim()))).filter((file) => file !== undefined);
  return listed.length === expected ? listed : run.crashed('cannot tell which files it linted');
}
