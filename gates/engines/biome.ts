import { z } from 'zod';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { firstWords, lintNatively, readJson, type NativeLint, type NativeLinterParams, type NativeLinterRun } from './native-linter.ts';

/** What `biome lint --reporter=json` of version 2 prints; labelled experimental, hence the exact shape. */
const report = z.object({
  summary: z.object({ unchanged: z.number(), changed: z.number(), errors: z.number(), diagnosticsNotPrinted: z.number() }),
  diagnostics: z.array(z.object({
    severity: z.enum(['hint', 'info', 'information', 'warning', 'error', 'fatal']),
    message: z.string(),
    category: z.string().nullish(),
    location: z.object({ path: z.string(), start: z.object({ line: z.number(), column: z.number() }).nullish() }).nullish(),
  })),
});

const SHARED = ['lint', '--max-diagnostics=none', '--no-errors-on-unmatched', '--colors=off'];

/** Lints with the project's Biome and its configuration. */
export function lintWithBiome(params: NativeLinterParams, context: RunContext): Promise<CheckOutcome> {
  return lintNatively(params, context, lintBatch);
}

async function lintBatch(files: readonly string[], run: NativeLinterRun): Promise<NativeLint | CheckOutcome> {
  const executed = await run.execute([...SHARED, '--reporter=json', ...files]);
  if ('status' in executed) return executed;
  const read = report.safeParse(readJson(executed.stdout));
  if (!read.success) return configFault(executed.stderr, run);
  const { summary, diagnostics } = read.data;
  if (summary.diagnosticsNotPrinted > 0) return run.crashed(`it kept ${String(summary.diagnosticsNotPrinted)} diagnostics back`);
  const findings = diagnostics.map((diagnostic) => toFinding(diagnostic, run));
  const processed = summary.unchanged + summary.changed;
  if (processed > 0 && executed.exitCode !== 0 && !findings.some(({ severity }) => severity === 'error')) {
    return run.crashed(`exit code ${String(executed.exitCode)} without an error: ${firstWords(executed.stderr)}`);
  }
  if (processed === files.length) return { findings, linted: files };
  const linted = processed === 0 ? [] : await listProcessed(files, processed, run);
  return 'status' in linted ? linted : { findings, linted };
}

function toFinding(diagnostic: z.output<typeof report>['diagnostics'][number], run: NativeLinterRun): Finding {
  const rule = diagnostic.category ?? 'biome';
  const isParse = rule === 'parse';
  return {
    gate: 'lint_enforcement',
    rule: isParse ? 'parse-error' : rule,
    message: diagnostic.message,
    file: diagnostic.location ? run.pathOf(diagnostic.location.path) : null,
    line: diagnostic.location?.start?.line ?? null,
    column: diagnostic.location?.start?.column ?? null,
    severity: diagnostic.severity === 'error' || diagnostic.severity === 'fatal' ? 'error' : 'warning',
    ...(isParse ? { kind: 'parse' } : {}),
  };
}

/** The JSON says how many files were processed, only the verbose report says which. */
async function listProcessed(files: readonly string[], expected: number, run: NativeLinterRun): Promise<string[] | CheckOutcome> {
  const executed = await run.execute([...SHARED, '--reporter=summary', '--verbose', ...files]);
  if ('status' in executed) return executed;
  const lines = `${executed.stdout}\n${executed.stderr}`.split('\n').map((line) => line.trim());
  const start = lines.findIndex((line) => line.endsWith('Files processed:'));
  const known = new Set(files.map((file) => file.slice('./'.length)));
  const listed: string[] = [];
  for (const line of lines.slice(start + 1)) {
    if (line.includes('VERBOSE') || line.endsWith('Files fixed:')) break;
    if (line.startsWith('- ') && known.has(line.slice(2))) listed.push(line.slice(2));
  }
  return start >= 0 && listed.length === expected ? listed : run.crashed('cannot tell which files it linted');
}

function configFault(stderr: string, { params }: NativeLinterRun): CheckOutcome {
  const complaint = stderr.split('\n').find((line) => line.trim().startsWith('×'));
  return { status: 'error', failure: { reason: 'project-config', file: params.config, detail: complaint?.replace('×', '').trim() ?? firstWords(stderr) } };
}
