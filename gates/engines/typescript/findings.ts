import type TypeScript from 'typescript';
import { compareFindings, type Finding } from '../../../src/model/finding.ts';
import { workspacePath } from '../workspace-path.ts';
import type { CollectedDiagnostics } from './diagnostics.ts';
import type { TypeScriptModule } from './load.ts';

/** A diagnostic of any TypeScript version. */
export interface TypeDiagnostic {
  readonly code: number;
  readonly severity: Finding['severity'];
  readonly message: string;
  /** Absolute; null for what concerns the project as a whole. */
  readonly file: string | null;
  readonly line: number | null;
  readonly column: number | null;
  readonly parse: boolean;
}

/** Where the findings of one project are told from. */
export interface FindingScope {
  readonly root: string;
  /** Workspace-relative path of the tsconfig; what names no file is about it. */
  readonly config: string;
}

/** Sorted, each once. */
export function toFindings(diagnostics: readonly TypeDiagnostic[], scope: FindingScope): Finding[] {
  const findings = diagnostics.map((diagnostic) => toFinding(diagnostic, scope)).sort(compareFindings);
  return findings.filter((finding, index) => {
    const previous = findings[index - 1];
    return previous === undefined || compareFindings(previous, finding) !== 0;
  });
}

export function describeDiagnostics(ts: TypeScriptModule, collected: CollectedDiagnostics): TypeDiagnostic[] {
  const { project, syntactic, semantic } = collected;
  return [
    ...[...project, ...semantic].map((diagnostic) => describe(ts, diagnostic, false)),
    ...syntactic.map((diagnostic) => describe(ts, diagnostic, true)),
  ];
}

function describe(ts: TypeScriptModule, diagnostic: TypeScript.Diagnostic, parse: boolean): TypeDiagnostic {
  const place =
    diagnostic.file === undefined || diagnostic.start === undefined ? null : ts.getLineAndCharacterOfPosition(diagnostic.file, diagnostic.start);
  return {
    code: diagnostic.code,
    severity: diagnostic.category === ts.DiagnosticCategory.Error ? 'error' : 'warning',
    message: ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'),
    file: diagnostic.file?.fileName ?? null,
    line: place === null ? null : place.line + 1,
    column: place === null ? null : place.character + 1,
    parse,
  };
}

function toFinding(diagnostic: TypeDiagnostic, { root, config }: FindingScope): Finding {
  const file = diagnostic.file === null ? config : workspacePath(root, diagnostic.file);
  const message = diagnostic.message.replaceAll(`${root}/`, '');
  return {
    gate: 'type_verification',
    rule: `TS${String(diagnostic.code)}`,
    message: file === null && diagnostic.file !== null ? `${diagnostic.file}: ${message}` : message,
    file,
    line: file === null ? null : diagnostic.line,
    column: file === null ? null : diagnostic.column,
    severity: diagnostic.severity,
    ...(diagnostic.parse ? { kind: 'parse' } : {}),
  };
}
