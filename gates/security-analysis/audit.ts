import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import { CACHE_LIMITS } from '../../src/model/limits.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { parseJson } from '../../src/system/parse-json.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';

const LEVELS = ['info', 'low', 'moderate', 'high', 'critical'] as const;
const levelSchema = z.enum(LEVELS);

export const auditParamsSchema = z.object({
  manager: z.enum(['npm', 'pnpm']),
  /** The least severity that is a finding. */
  level: levelSchema,
});

/** One known vulnerability of one installed package. */
interface Advisory {
  readonly id: string;
  readonly package: string;
  readonly title: string;
  readonly severity: (typeof LEVELS)[number];
}

/** `npm audit --json`, report version 2: `via` holds advisories, or names of packages through which one comes. */
const npmReportSchema = z.object({
  vulnerabilities: z.record(z.string(), z.object({
    name: z.string(),
    via: z.array(z.union([z.string(), z.object({ source: z.union([z.number(), z.string()]), name: z.string(), title: z.string(), url: z.string().optional(), severity: levelSchema })])),
  })),
  metadata: z.object({ dependencies: z.object({ total: z.number() }) }),
});

/** `pnpm audit --json`: npm's older report. */
const pnpmReportSchema = z.object({
  advisories: z.record(z.string(), z.object({ id: z.union([z.number(), z.string()]), github_advisory_id: z.string().optional(), module_name: z.string(), title: z.string(), severity: levelSchema })),
  metadata: z.object({ totalDependencies: z.number() }),
});

/** Asks the registry. Whatever keeps an answer from coming is *skipped*: no answer says nothing about the packages. */
export async function auditPackages(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { manager, level } = auditParamsSchema.parse(check.parts[0]?.params);
  // An npm that is set to offline reports a clean audit without having asked anyone.
  const offline = await context.subprocess({ file: manager, args: ['config', 'get', 'offline'], cwd: context.workspace.root });
  if (offline.stdout.trim() === 'true') return unanswered(`no audit: ${manager} is set to offline`);
  const args = ['audit', '--json', ...(manager === 'npm' ? ['--package-lock-only', '--fetch-retries=0', '--fetch-timeout=20000'] : ['--ignore-registry-errors=false'])];
  const { outcome, stdout, stderr } = await context.subprocess({ file: manager, args, cwd: context.workspace.root });
  if (outcome.kind === 'cancelled') return cancelledOutcome(context);
  if (outcome.kind === 'not-started') return unanswered(`no audit: ${manager} could not be started (${outcome.message})`);
  const report = readReport(manager, stdout);
  if (report === null) return unanswered(`no audit: ${faultOf(stdout, stderr)}`);
  const least = LEVELS.indexOf(level);
  const manifest = await readFile(path.join(context.workspace.root, 'package.json'), 'utf8');
  const findings = report.advisories.filter((advisory) => LEVELS.indexOf(advisory.severity) >= least).map((advisory) => findingOf(advisory, manifest));
  if (report.packages === 0) return unanswered('no audit: no package is installed');
  return { status: 'done', findings: findings.sort(compareFindings), inspected: { files: [], packages: report.packages }, validity: { kind: 'for', ms: CACHE_LIMITS.auditMs } };
}

function unanswered(reason: string): CheckOutcome {
  return { status: 'skipped', reason, validity: { kind: 'for', ms: CACHE_LIMITS.noAnswerMs } };
}

function readReport(manager: 'npm' | 'pnpm', stdout: string): { advisories: Advisory[]; packages: number } | null {
  const document = parseJson(stdout);
  if (manager === 'npm') {
    const parsed = npmReportSchema.safeParse(document);
    if (!parsed.success) return null;
    const found = Object.values(parsed.data.vulnerabilities).flatMap(({ via }) => via.filter((one) => typeof one === 'object'));
    const advisories = found.map((one) => ({ id: one.url?.split('/').at(-1) ?? String(one.source), package: one.name, title: one.title, severity: one.severity }));
    return { advisories: distinct(advisories), packages: parsed.data.metadata.dependencies.total };
  }
  const parsed = pnpmReportSchema.safeParse(document);
  if (!parsed.success) return null;
  const advisories = Object.values(parsed.data.advisories).map((one) => ({ id: one.github_advisory_id ?? String(one.id), package: one.module_name, title: one.title, severity: one.severity }));
  return { advisories: distinct(advisories), packages: parsed.data.metadata.totalDependencies };
}

function distinct(advisories: readonly Advisory[]): Advisory[] {
  return [...new Map(advisories.map((one) => [`${one.id} ${one.package}`, one])).values()];
}

/** A direct dependency is shown where it is declared; another belongs to the manifest as a whole. */
function findingOf(advisory: Advisory, manifest: string): Finding {
  const index = manifest.split('\n').findIndex((line) => line.trimStart().startsWith(`${JSON.stringify(advisory.package)}:`));
  return {
    gate: 'security_analysis',
    rule: advisory.id,
    message: `${advisory.package}: ${advisory.title} (${advisory.severity})`,
    file: 'package.json',
    line: index === -1 ? null : index + 1,
    column: null,
    severity: 'error',
  };
}

const faultSchema = z.object({ message: z.string().optional(), error: z.object({ code: z.string().optional(), summary: z.string().optional(), message: z.string().optional() }).optional() });

/** Codes and words of a connection that did not come about, in Node's, npm's and pnpm's terms. */
const UNREACHABLE = /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTCACHED|ERR_SOCKET_TIMEOUT|ERR_PNPM_META_FETCH_FAIL|CERT_[A-Z_]+|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_[A-Z_]+)\b|network (?:request|timeout)|fetch failed|socket hang up/i;

/** One clause for people; the package managers mix their answer with warnings about everything else. */
function faultOf(stdout: string, stderr: string): string {
  const parsed = faultSchema.safeParse(parseJson(stdout));
  const said = parsed.success ? [parsed.data.error?.code, parsed.data.error?.summary, parsed.data.error?.message, parsed.data.message] : [stdout];
  const lines = [...said, stderr].flatMap((text) => (text ?? '').split('\n')).map((line) => line.replace(/^\s*(?:npm (?:error|ERR!)|ERR_PNPM_\w+|error)\s*/i, '').trim());
  const telling = lines.filter((line) => line !== '' && !/^npm (?:warn|notice)/i.test(line) && !/^\W*WARN\b/.test(line));
  if (telling.some((line) => UNREACHABLE.test(line))) return 'the registry could not be reached';
  const status = telling.map((line) => /(?:^E|\b)([45]\d\d)(?:$| [A-Z])/.exec(line)?.[1]).find((one) => one !== undefined);
  if (status !== undefined) return `the registry answered with status ${status}`;
  return telling.find((line) => /\s/.test(line) && !/[{}[\]]/.test(line)) ?? 'the package manager gave no report';
}
