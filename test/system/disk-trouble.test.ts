import { expect, test } from 'vitest';
import { describeDiskTrouble } from '../../src/system/disk-trouble.ts';

function systemError(message: string, rest: object): Error {
  return Object.assign(new Error(message), rest);
}

test.each<[Error, string | null]>([
  [systemError("EACCES: permission denied, scandir '/a/b'", { code: 'EACCES', path: '/a/b' }), '/a/b cannot be used (EACCES: permission denied): give access to it'],
  [systemError("EROFS: read-only file system, open '/a'", { code: 'EROFS', path: '/a' }), '/a cannot be used (EROFS: read-only file system): make it writable'],
  [systemError('ENOSPC: no space left on device, write', { code: 'ENOSPC' }), 'a file cannot be used (ENOSPC: no space left on device): make room on the disk'],
  [systemError("ENOENT: no such file or directory, open '/a'", { code: 'ENOENT', path: '/a' }), null],
  [systemError('bad argument', { code: 'ERR_INVALID_ARG_TYPE' }), null],
  [new TypeError('x is not a function'), null],
])('%s', (error, sentence) => {
  expect(describeDiskTrouble(error)).toBe(sentence);
});
