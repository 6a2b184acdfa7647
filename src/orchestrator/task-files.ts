import path from 'node:path';
import picomatch from 'picomatch';

/** One spelling for each path or glob: posix, no `./`, no slash at its end. */
export function normalPath(written: string): string {
  const normal = path.posix.normalize(written).replace(/\/+$/, '');
  return normal === '.' ? '' : normal;
}

/** A path from the root that leads out of it, or no path from the root at all. */
export function leadsOutside(written: string): boolean {
  const normal = normalPath(written.replace(/^!/, ''));
  return normal === '..' || normal.startsWith('../') || path.posix.isAbsolute(normal) || path.win32.isAbsolute(written);
}

/** The folder that a path or glob is about; '' for the root. */
export function folderOf(written: string): string {
  const normal = normalPath(written);
  const { isGlob, base } = picomatch.scan(normal);
  if (isGlob) return base;
  const slash = normal.lastIndexOf('/');
  return slash === -1 ? '' : normal.slice(0, slash);
}

/** Whether an existing file is one of those that a task names: by its path, a folder above it, or a glob. */
export function isAssigned(file: string, assigned: readonly string[]): boolean {
  const matches = (pattern: string): boolean => {
    const normal = normalPath(pattern);
    return normal === '' || file === normal || file.startsWith(`${normal}/`) || picomatch(normal, { dot: true })(file);
  };
  const unwanted = assigned.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const wanted = assigned.filter((pattern) => !pattern.startsWith('!'));
  return (wanted.some(matches) || (wanted.length === 0 && unwanted.length > 0)) && !unwanted.some(matches);
}
