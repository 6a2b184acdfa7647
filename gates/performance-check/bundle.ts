import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildFailure, type BuildResult } from 'esbuild';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { cancelledOutcome } from '../engines/cancelled.ts';

const paramsSchema = z.object({ entry: z.string(), maxBytes: z.number(), external: z.array(z.string()).optional() });

/** Bundles one entry as a browser would get it, minified and gzipped, and compares it with its budget. */
export async function measureBundle(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { entry, maxBytes, external = [] } = paramsSchema.parse(check.parts[0]?.params);
  const { root } = context.workspace;
  const built = await bundle(path.join(root, entry), root, external);
  if (context.isCancelled()) return cancelledOutcome(context);
  if (typeof built === 'string') return { status: 'error', failure: { reason: 'engine-crashed', engine: 'esbuild', detail: built } };
  const bytes = built.outputFiles.reduce((sum, file) => sum + gzipSync(file.contents, { level: 9 }).byteLength, 0);
  const inputs = Object.keys(built.metafile.inputs).filter((input) => context.workspace.files.includes(input));
  return {
    status: 'done',
    findings: bytes <= maxBytes ? [] : [{ gate: 'performance_check', rule: 'bundle-size', message: `${String(bytes)} bytes minified and gzipped, ${String(bytes - maxBytes)} above the budget of ${String(maxBytes)}`, file: entry, line: null, column: null, severity: 'error' }],
    inspected: { files: inputs.sort() },
    notes: [`${entry}: ${String(bytes)} of ${String(maxBytes)} bytes`],
  };
}

type Built = BuildResult<{ write: false; metafile: true }>;

async function bundle(entry: string, root: string, external: readonly string[]): Promise<Built | string> {
  try {
    return await build({
      entryPoints: [entry], absWorkingDir: root, external: [...external], outdir: path.join(root, 'spark-gates-bundle'),
      bundle: true, minify: true, write: false, metafile: true, format: 'esm', splitting: true, logLevel: 'silent', platform: 'neutral', mainFields: ['browser', 'module', 'main'], conditions: ['import', 'browser'],
      packages: 'bundle',
    });
  } catch (error) {
    if (isBuildFailure(error)) return error.errors.map(({ text, location }) => `${location === null ? '' : `${location.file}:${String(location.line)}: `}${text}`).slice(0, 5).join('\n');
    throw error;
  }
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error && Array.isArray(error.errors);
}
