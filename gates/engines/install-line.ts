import type { PackageManagerName, Workspace } from '../../src/model/workspace.ts';

const ADD: Readonly<Record<PackageManagerName, string>> = {
  npm: 'npm install --save-dev',
  pnpm: 'pnpm add --save-dev',
  yarn: 'yarn add --dev',
  bun: 'bun add --dev',
};

/** The command that installs a development dependency with the project's own package manager. */
export function installLine(workspace: Workspace, name: string): string {
  return `${addCommand(workspace)} ${name}`;
}

/** The same without the package's name. */
export function addCommand({ packageManager }: Workspace): string {
  return ADD[packageManager?.name ?? 'npm'];
}
