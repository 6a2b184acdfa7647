import { z } from 'zod';
import type { Failure } from '../../src/model/failure.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { parseJson } from '../../src/system/parse-json.ts';

/** `npm ls --json`: documented as the same tree as printed; `problems` are its sentences. */
const listing = z.object({ error: z.unknown().optional(), problems: z.array(z.string()).optional(), dependencies: z.record(z.string(), z.unknown()).optional() });

export type NpmProblems =
  | { readonly ok: true; readonly findings: readonly Finding[]; readonly packages: number }
  | { readonly ok: false; readonly failure: Failure };

/** What npm finds missing or of a wrong version anywhere in the installed tree. Asks no registry. */
export async function npmProblems(context: RunContext): Promise<NpmProblems> {
  const { outcome, stdout, stderr, truncated } = await context.subprocess({
    file: 'npm',
    args: ['ls', '--all', '--json'],
    cwd: context.workspace.root,
    environment: { npm_config_update_notifier: 'false', npm_config_loglevel: 'error' },
  });
  if (outcome.kind === 'not-started') return { ok: false, failure: { reason: 'engine-missing', engine: 'npm', install: 'the Node.js installer, which brings npm' } };
  if (outcome.kind === 'cancelled') return { ok: false, failure: context.signal.reason as Failure };
  const parsed = outcome.kind === 'exited' && !truncated ? parse(stdout) : null;
  if (parsed === null) return { ok: false, failure: { reason: 'engine-crashed', engine: 'npm ls', detail: stderr.trim().slice(0, 2_000) || JSON.stringify(outcome) } };
  const exitCode = outcome.kind === 'exited' ? outcome.exitCode : 0;
  // Problems come with an error and an exit code of their own; without any, npm could not look.
  if ((parsed.error !== undefined || exitCode !== 0) && (parsed.problems ?? []).length === 0) {
    return { ok: false, failure: { reason: 'engine-crashed', engine: 'npm ls', detail: JSON.stringify(parsed.error ?? stderr.trim()).slice(0, 2_000) } };
  }
  return { ok: true, findings: (parsed.problems ?? []).flatMap(toFinding), packages: countPackages(parsed.dependencies ?? {}) };
}

function parse(text: string): z.output<typeof listing> | null {
  const result = listing.safeParse(parseJson(text));
  return result.success ? result.data : null;
}

/** "missing: a@^1.0.0, required by b@2.0.0", "invalid: a@1.0.0 /path/node_modules/a"; extraneous packages do no harm. */
function toFinding(problem: string): readonly Finding[] {
  const missing = /^missing: (@?[^@]+)@([^,]*), required by (.+)$/.exec(problem);
  const invalid = /^invalid: (@?[^@]+)@(\S+)/.exec(problem);
  const base = { gate: 'integration_test' as const, file: 'package.json', line: null, column: null, severity: 'error' as const };
  if (missing !== null) return [{ ...base, rule: 'not-installed', message: `${missing[1] ?? ''} ${missing[2] ?? ''} is required by ${missing[3] ?? ''}, but not installed` }];
  if (invalid !== null) return [{ ...base, rule: 'wrong-version', message: `${invalid[1] ?? ''} ${invalid[2] ?? ''} is installed, which does not satisfy everyone who needs it: run npm ls ${invalid[1] ?? ''}` }];
  return [];
}

function countPackages(dependencies: Readonly<Record<string, unknown>>): number {
  return Object.values(dependencies).reduce<number>((sum, one) => {
    const below = listing.safeParse(one);
    return sum + 1 + (below.success ? countPackages(below.data.dependencies ?? {}) : 0);
  }, 0);
}
