import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunError } from './run-log.ts';

/** A place in a file of the workspace. */
export interface Location {
  /** Workspace-relative posix path. */
  readonly file: string;
  readonly line: number;
  readonly column: number | null;
}

/** Workspace-relative posix path of an absolute path or file URL; null outside the workspace and in node_modules. */
export function workspacePath(root: string, file: string): string | null {
  const absolute = file.startsWith('file:') ? fileURLToPath(file) : file;
  const relative = path.relative(root, absolute).split(path.sep).join('/');
  if (relative === '' || relative.startsWith('../') || relative === '..' || path.isAbsolute(relative)) return null;
  return `/${relative}`.includes('/node_modules/') ? null : relative;
}

const STACK_FRAME = /(?:\(|at (?:async )?)((?:file:\/\/|\/|[A-Za-z]:[\\/])[^()\n]*?):(\d+):(\d+)\)?$/gm;

/** The error's places inside the workspace, innermost first. */
export function locationsOf(root: string, error: RunError): readonly Location[] {
  const frames = error.frames ?? [...(error.stack ?? '').matchAll(STACK_FRAME)].map(([, file = '', line, column]) => ({ file, line: Number(line), column: Number(column) }));
  return frames.flatMap(({ file, line, column }) => {
    const relative = workspacePath(root, file);
    return relative === null ? [] : [{ file: relative, line, column }];
  });
}

/**
 * How transformers report a file that they cannot parse: `[ src/a.ts:1:14 ]` (oxc), `/abs/src/a.ts:1:13: ERROR: …`
 * (esbuild), `SyntaxError: /abs/src/a.ts: Unexpected token (1:13)` (Babel), `/abs/src/a.ts:1` above the code (Node).
 */
const PARSE_ERRORS: readonly { readonly pattern: RegExp; readonly columnFrom: 0 | 1 }[] = [
  { pattern: /\[ (?<file>[^\n\]]+):(?<line>\d+):(?<column>\d+) \]/, columnFrom: 1 },
  { pattern: /^(?<file>[^\n:]+):(?<line>\d+):(?<column>\d+): ERROR: /m, columnFrom: 0 },
  { pattern: /^(?:SyntaxError: )?(?<file>\/[^\n:]+): [^\n]*\((?<line>\d+):(?<column>\d+)\)/m, columnFrom: 0 },
  { pattern: /^(?<file>(?:file:\/\/)?\/[^\n]+):(?<line>\d+)\n[^\n]*\n(?:[^\n]*\n)*?SyntaxError: /m, columnFrom: 1 },
];

/** Where a file does not parse, when that is what the error says; paths in it may be relative to the suite's folder. */
export function parseErrorLocation(root: string, folder: string, error: RunError): Location | null {
  for (const text of [error.message, error.stack ?? '']) {
    // Node calls an import that another file no longer satisfies a SyntaxError, too; the importer parses well.
    if (/does not provide an export named|Cannot find module/.test(text)) return null;
    for (const { pattern, columnFrom } of PARSE_ERRORS) {
      const groups = pattern.exec(text)?.groups;
      if (groups?.['file'] === undefined) continue;
      const file = groups['file'].startsWith('file:') ? groups['file'] : path.resolve(root, folder, groups['file']);
      const relative = workspacePath(root, file);
      if (relative === null) continue;
      return { file: relative, line: Number(groups['line']), column: groups['column'] === undefined ? null : Number(groups['column']) + 1 - columnFrom };
    }
  }
  return null;
}
