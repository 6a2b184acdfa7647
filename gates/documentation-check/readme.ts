import path from 'node:path';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import type { Workspace } from '../../src/model/workspace.ts';

const README = /^readme(?:\.(?:md|markdown|mdx|txt|rst|adoc))?$/i;

/** Manifests of the packages that need a README: the root's, and every one that is published. */
export function packagesWithReadme(workspace: Workspace): string[] {
  const wanted = workspace.packages.filter((one) => one.folder === '' || (!one.private && one.name !== null && !/(?:^|\/)(?:fixtures|tests?|examples?|__\w+__)\//.test(`${one.folder}/`)));
  return wanted.map((one) => path.posix.join(one.folder, 'package.json'));
}

export function checkReadmes(check: Check, context: RunContext): CheckOutcome {
  const folders = new Set(context.workspace.files.filter((file) => README.test(path.posix.basename(file))).map((file) => path.posix.dirname(file)));
  const bare = check.files.filter((manifest) => !folders.has(path.posix.dirname(manifest)));
  return {
    status: 'done',
    findings: bare.map((file) => ({ gate: 'documentation_check', rule: 'readme', message: 'this package has no README', file, line: null, column: null, severity: 'error' })),
    inspected: { files: check.files },
  };
}
