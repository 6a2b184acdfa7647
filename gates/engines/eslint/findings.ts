import type { ESLint, Linter } from 'eslint';
import type { Finding } from '../../../src/model/finding.ts';
import { workspacePath } from '../workspace-path.ts';

const SEVERITY_ERROR = 2;

/** What ESLint reports on one file. */
export function toFindings(result: ESLint.LintResult, root: string): Finding[] {
  const file = workspacePath(root, result.filePath);
  return result.messages.map((message) => ({
    gate: 'lint_enforcement',
    rule: ruleOf(message),
    message: message.message,
    file,
    line: placeOf(message.line),
    column: placeOf(message.column),
    severity: message.severity === SEVERITY_ERROR ? 'error' : 'warning',
    ...(message.fatal === true ? { kind: 'parse' } : {}),
  }));
}

/** Messages about the file or its comments name no rule. */
function ruleOf(message: Linter.LintMessage): string {
  if (message.fatal === true) return 'parse-error';
  if (message.ruleId !== null) return message.ruleId;
  return message.message.startsWith('Unused eslint-') ? 'unused-disable-directive' : 'eslint';
}

function placeOf(position: number | undefined): number | null {
  return position === undefined || position < 1 ? null : position;
}
