/** What is to be done about errors of the disk that are nobody's bug. */
const REMEDIES = new Map([
  ['EACCES', 'give access to it'],
  ['EPERM', 'give access to it'],
  ['EROFS', 'make it writable'],
  ['ENOSPC', 'make room on the disk'],
  ['EDQUOT', 'make room on the disk'],
]);

/** One sentence, or null for an error that says something else: most likely a bug of ours. */
export function describeDiskTrouble(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null;
  const remedy = REMEDIES.get(error.code);
  if (remedy === undefined) return null;
  const file = 'path' in error && typeof error.path === 'string' ? error.path : 'a file';
  return `${file} cannot be used (${error.message.split(',')[0] ?? error.code}): ${remedy}`;
}
