import path from 'node:path';

/** Workspace-relative posix path of an absolute one, or null when it lies outside the root. */
export function workspacePath(root: string, absolute: string): string | null {
  const relative = path.relative(root, absolute);
  if (relative === '' || relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative)) return null;
  return path.sep === '/' ? relative : relative.split(path.sep).join('/');
}

/** True of a path inside an installed package. */
export function isInstalled(file: string): boolean {
  return file.startsWith('node_modules/') || file.includes('/node_modules/');
}
