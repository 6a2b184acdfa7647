import path from 'node:path';
import type { TypeDiagnostic } from './findings.ts';

export interface NativeOutput {
  readonly diagnostics: readonly TypeDiagnostic[];
  /** Absolute paths of the program's files, as `--listFiles` prints them after the diagnostics. */
  readonly files: readonly string[];
  /** The first line that is none of what we know, or null. */
  readonly unknown: string | null;
}

/** `file(line,column): error TS1: text`, as `--pretty false` prints it. The shortest file that fits is the one: codes never look like that. */
const PLACED = /^(.+?)\((\d+),(\d+)\): (error|warning) TS(\d+): (.*)$/;
const PLACELESS = /^(error|warning) TS(\d+): (.*)$/;

/** Reads what `tsc --pretty false --listFiles` prints in a folder; lines of a message after its first are indented. */
export function parseNativeOutput(output: string, folder: string): NativeOutput {
  const diagnostics: TypeDiagnostic[] = [];
  const files: string[] = [];
  let unknown: string | null = null;
  for (const line of output.split(/\r?\n/)) {
    const last = diagnostics.at(-1);
    const placed = PLACED.exec(line);
    const placeless = placed === null ? PLACELESS.exec(line) : null;
    if (placed !== null) {
      const [, file = '', row, column, severity, code, message = ''] = placed;
      diagnostics.push({ ...described(severity, code, message), file: path.resolve(folder, file), line: Number(row), column: Number(column) });
    } else if (placeless !== null) {
      const [, severity, code, message = ''] = placeless;
      diagnostics.push({ ...described(severity, code, message), file: null, line: null, column: null });
    } else if (path.isAbsolute(line)) {
      files.push(line);
    } else if (line.startsWith(' ') && last !== undefined && files.length === 0) {
      diagnostics[diagnostics.length - 1] = { ...last, message: `${last.message}\n${line}` };
    } else if (line !== '') {
      unknown ??= line;
    }
  }
  return { diagnostics, files, unknown };
}

function described(severity: string | undefined, code: string | undefined, message: string): Pick<TypeDiagnostic, 'severity' | 'code' | 'message' | 'parse'> {
  return { severity: severity === 'warning' ? 'warning' : 'error', code: Number(code), message, parse: false };
}
