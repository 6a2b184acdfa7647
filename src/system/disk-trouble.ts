/** What is to be done about errors of the disk that are nobody's bug. */
const REMEDIES = new Map([
  ['EACCES', 'give access to it'],
  ['EPERM', 'give access to it'],
  ['EROFS', 'make it writable'],
  ['ENOSPC', 'make room on the disk'],
  ['EDQUOT', 'make room on the disk'],
  ['EIO', 'have the disk looked after'],
  ['ELOOP', 'mend the link'],
]);

/**
 * One sentence, or null for an error that says something else: most likely a bug of ours. It names `place`, where that is given, and
 * not the path that the error has, which may be a temporary file's.
 */
export function describeDiskTrouble(error: unknown, place?: string): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const remedy = REMEDIES.get(error.code);
  if (remedy === undefined) return null;
  const file = place ?? ('path' in error && typeof error.path === 'string' ? error.path : 'a file');
  return `${file} cannot be used (${error.message.split(',')[0] ?? error.code}): ${remedy}`;
}
