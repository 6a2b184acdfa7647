import path from 'node:path';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';

const README = /^readme(?:\.(?:md|markdown|mdx|txt|rst|adoc))?$/i;

export function checkReadmes(check: Check, context: RunContext): CheckOutcome {
  const folders = new Set(context.workspace.files.filter((file) => README.test(path.posix.basename(file))).map((file) => path.posix.dirname(file)));
  const bare = check.files.filter((manifest) => !folders.has(path.posix.dirname(manifest)));
  return {
    status: 'done',
    findings: bare.map((file) => ({ gate: 'documentation_check', rule: 'readme', message: 'this package has no README', file, line: null, column: null, severity: 'error' })),
    inspected: { files: check.files },
  };
}
