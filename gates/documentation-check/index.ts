import type { Check, CheckOutcome, CheckRequest } from '../../src/model/check.ts';
import type { Gate, GatePlan, PlanContext } from '../../src/model/gate.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { installedVersion } from '../engines/bundled.ts';
import { runRules } from '../engines/rules/pass.ts';
import { RULES_CHECK, rulesRequests } from '../engines/rules/request.ts';
import { checkMarkdown } from './markdown-check.ts';
import { checkReadmes, packagesWithReadme } from './readme.ts';

type Context = PlanContext<'documentation_check'>;

export const documentationCheck: Gate<'documentation_check'> = {
  id: 'documentation_check',
  title: 'Docs',
  proves: 'exports are documented truthfully; links, anchors and code fences in Markdown hold',
  plan,
  run,
};

function plan(context: Context): GatePlan {
  const { settings, files, workspace } = context;
  const { timeLimitMs } = settings;
  const markdown = settings.links || settings.fences ? files.filter((file) => /\.(?:md|markdown)$/i.test(file)) : [];
  const packages = settings.readme ? packagesWithReadme(workspace) : [];
  const checks: CheckRequest[] = [
    ...(settings.exports === 'off' ? [] : rulesRequests({ gate: 'documentation_check', files, sets: settings.exports === 'all' ? ['docs/tags', 'docs/exports'] : ['docs/tags'], timeLimitMs })),
    ...(markdown.length === 0 ? [] : [bundled('markdown', 'mdast-util-from-markdown', markdown, timeLimitMs, { links: settings.links, fences: settings.fences })]),
    // A package's README is the business of whoever owns its manifest.
    ...(packages.length === 0 ? [] : [bundled('readme', null, packages, timeLimitMs, null)]),
  ];
  return { checks, notes: checks.length === 0 ? [{ status: 'skipped', reason: 'neither sources nor documents' }] : [] };
}

function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  if (check.name.startsWith(RULES_CHECK)) return Promise.resolve(runRules(check, context));
  return Promise.resolve(check.name === 'readme' ? checkReadmes(check, context) : checkMarkdown(check, context));
}

function bundled(name: string, library: string | null, files: readonly string[], timeLimitMs: number, params: unknown): CheckRequest {
  return {
    name,
    gate: 'documentation_check',
    engine: library ?? 'spark-gates',
    engineVersion: library === null ? null : installedVersion(library),
    engineOrigin: 'bundled',
    title: name === 'readme' ? 'a README in every published package' : 'links, anchors and code fences in Markdown',
    files,
    workspaceWide: false,
    expectedMs: 100 + 10 * files.length,
    timeLimitMs,
    params,
  };
}
