import path from 'node:path';
import type { CheckRequest } from '../../src/model/check.ts';
import type { GatePlan, PlanContext } from '../../src/model/gate.ts';
import type { Workspace } from '../../src/model/workspace.ts';
import { installedVersion } from '../engines/bundled.ts';
import { rulesRequests } from '../engines/rules/request.ts';

type Context = PlanContext<'documentation_check'>;

export function planDocumentation(context: Context): GatePlan {
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

/** Manifests of the packages that need a README: the root's, and every one that is published. */
function packagesWithReadme(workspace: Workspace): string[] {
  const wanted = workspace.packages.filter((one) => one.folder === '' || (!one.private && one.name !== null && !/(?:^|\/)(?:fixtures|tests?|examples?|__\w+__)\//.test(`${one.folder}/`)));
  return wanted.map((one) => path.posix.join(one.folder, 'package.json'));
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
    inputs: name === 'readme' ? 'code' : 'workspace',
    params,
  };
}
