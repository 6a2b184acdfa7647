import { readFile } from 'node:fs/promises';
import coverageLibrary, { type CoverageMapData, type FileCoverage as IstanbulFileCoverage } from 'istanbul-lib-coverage';
import type { CoverageCount, FileCoverage } from '../../../src/model/measurement.ts';
import { workspacePath } from './location.ts';

/** Istanbul's JSON (`coverage-final.json`) of several runs as coverage by workspace-relative path; null when none was written. */
export async function readCoverage(files: readonly string[], root: string): Promise<Readonly<Record<string, FileCoverage>> | null> {
  const texts = (await Promise.all(files.map(readIfThere))).filter((text) => text !== null);
  if (texts.length === 0) return null;
  const map = coverageLibrary.createCoverageMap({});
  // The format is the library's own; it has no parser besides its constructor, which checks each entry.
  for (const text of texts) map.merge(JSON.parse(text) as CoverageMapData);
  const coverage: Record<string, FileCoverage> = {};
  for (const absolute of map.files().sort()) {
    const relative = workspacePath(root, absolute);
    if (relative !== null) coverage[relative] = fileCoverage(map.fileCoverageFor(absolute));
  }
  return coverage;
}

function readIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
}

/** Nothing in the file can be executed: types only, or re-exports only. */
export function isEmptyCoverage(coverage: FileCoverage): boolean {
  return coverage.lines.total + coverage.statements.total + coverage.branches.total + coverage.functions.total === 0;
}

function fileCoverage(file: IstanbulFileCoverage): FileCoverage {
  const { lines, statements, branches, functions } = file.toSummary().data;
  return {
    lines: count(lines),
    statements: count(statements),
    branches: count(branches),
    functions: count(functions),
    uncoveredLines: file.getUncoveredLines().map(Number).sort((a, b) => a - b),
  };
}

function count({ total, covered }: { readonly total: number; readonly covered: number }): CoverageCount {
  return { total, covered };
}
