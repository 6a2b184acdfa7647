import path from 'node:path';
import type { PlanContext, PlanNote } from '../../src/model/gate.ts';

/**
 * One error for each package.json that cannot be read: which tests and packages it declares is unknown, so that nothing which
 * depends on them may look passed or skipped. Only for teams with files in the package.
 */
export function brokenManifests({ workspace, teams }: Pick<PlanContext, 'workspace' | 'teams'>): PlanNote[] {
  return workspace.faults.filter(({ file }) => path.posix.basename(file) === 'package.json').map(({ file, message }) => {
    const folder = file.slice(0, -'package.json'.length);
    return {
      status: 'error',
      reason: `${file}: ${message}`,
      teams: teams.filter(({ files }) => files.some((one) => one.startsWith(folder))).map(({ name }) => name),
    };
  });
}
