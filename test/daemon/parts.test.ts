import fc from 'fast-check';
import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkFolder, daemonAddress } from '../../src/daemon/address.ts';
import { frame, FrameReader } from '../../src/daemon/frames.ts';
import { HeldOutput } from '../../src/daemon/held-output.ts';
import { routeOf } from '../../src/daemon/route.ts';
import { wantsDaemon } from '../../src/daemon/wanted.ts';
import { DAEMON_LIMITS } from '../../src/model/limits.ts';
import { stampFile } from '../../src/system/file-stamp.ts';
import { recordOutput } from '../reporters/events.ts';

describe('messages', () => {
  test('arrive as they were sent, however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), (messages, cuts) => {
      const bytes = Buffer.from(messages.map(frame).join(''));
      const reader = new FrameReader(1e6);
      const got: unknown[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const size = cuts[cut % cuts.length] ?? 1;
        got.push(...(reader.push(bytes.subarray(at, at + size)) ?? ['fault']));
        at += size;
      }
      expect(got).toEqual(JSON.parse(JSON.stringify(messages)));
    }));
  });

  test('beyond the bound, or that are no JSON, are faults', () => {
    expect(new FrameReader(10).push(Buffer.from('"0123456789"\n'))).toBe(null);
    expect(new FrameReader(10).push(Buffer.from('"0123456789'))).toBe(null);
    expect(new FrameReader(10).push(Buffer.from('{\n'))).toBe(null);
    expect(new FrameReader(10).push(Buffer.from('"01234567"\n1\n'))).toEqual(['01234567', 1]);
  });
});

test.each([
  [['run'], {}, false, false],
  [['run', '--daemon'], {}, false, true],
  [['run', '--daemon'], {}, true, true],
  [['run'], { SPARK_GATES_DAEMON: '1' }, false, true],
  [['run'], { SPARK_GATES_DAEMON: '1' }, true, false],
  [['run'], { SPARK_GATES_DAEMON: '0' }, false, false],
  [['run', '--no-daemon'], { SPARK_GATES_DAEMON: '1' }, false, false],
  [['run', '--daemon', '--no-daemon'], {}, false, false],
  [['run', '--', '--daemon'], {}, false, false],
  [['plan', '--daemon'], { SPARK_GATES_DAEMON: '1' }, false, false],
] as const)('whether the daemon is wanted: %j %j, in CI %s: %s', (args, environment, isCi, wanted) => {
  expect(wantsDaemon(args, environment, isCi)).toBe(wanted);
});

test('a socket is where its path fits, and nowhere without a home', () => {
  expect(daemonAddress({ XDG_RUNTIME_DIR: '/run/user/7', HOME: '/home/me' }, 'linux')?.socket).toBe('/run/user/7/spark-gates/daemon/daemon.sock');
  expect(daemonAddress({ XDG_RUNTIME_DIR: '', HOME: '/home/me' }, 'linux')?.socket).toBe('/home/me/.cache/spark-gates/daemon/daemon.sock');
  const long = daemonAddress({ HOME: `/home/${'x'.repeat(120)}` }, 'linux');
  expect(long?.socket.length).toBeLessThan(DAEMON_LIMITS.socketPathBytesMax);
  expect(daemonAddress({ HOME: `/home/${'x'.repeat(121)}` }, 'linux')?.socket).not.toBe(long?.socket);
  expect(daemonAddress({ LOCALAPPDATA: '/me' }, 'win32')?.socket).toMatch(/^\\\\\.\\pipe\\spark-gates-[\da-f]{16}$/);
  expect(daemonAddress({}, 'linux')).toBe(null);
  expect(daemonAddress({ HOME: 'here' }, 'linux')).toBe(null);
});

test('a folder is made for its user alone, and no other is trusted', async () => {
  const base = await mkdtemp(path.join(tmpdir(), 'sg-folder-'));
  const address = daemonAddress({ XDG_RUNTIME_DIR: base }, process.platform);
  if (address === null) throw new Error('no address');
  expect(checkFolder(address, false)).toBe('missing');
  expect(checkFolder(address, true)).toBe('ready');
  await chmod(address.folder, 0o750);
  expect(checkFolder(address, true)).toBe('foreign');
  await rm(address.folder, { recursive: true });
  await mkdir(path.join(base, 'other'), { mode: 0o700 });
  await symlink(path.join(base, 'other'), address.folder);
  expect(checkFolder(address, true)).toBe('foreign');
  await rm(base, { recursive: true });
});

test('requests of one tree and one environment at start go to one host', () => {
  const of = (cwd: string, args: string[] = ['run'], environment: Record<string, string> = {}): string => routeOf({ cwd, args, environment }).key;
  const here = import.meta.dirname;
  expect(of(here)).toBe(of(path.dirname(here)));
  expect(of('/', ['run', '--cwd', here])).toBe(of(here));
  expect(of('/', ['run', `--cwd=${here}`])).toBe(of(here));
  expect(of(here, ['run'], { COLUMNS: '1' })).toBe(of(here, ['run'], { COLUMNS: '2' }));
  expect(of(here, ['run'], { NODE_OPTIONS: '--max-old-space-size=100' })).not.toBe(of(here));
});

test('what goes to a pipe is held back until it is complete; a terminal sees it come', () => {
  const pipe = recordOutput();
  const held = new HeldOutput(pipe.options.stdout);
  held.write('a');
  expect([pipe.written.stdout, held.isReleased]).toEqual(['', false]);
  held.release();
  held.write('b');
  expect([pipe.written.stdout, held.isReleased]).toEqual(['ab', true]);
  const terminal = recordOutput({ columns: 80 });
  const shown = new HeldOutput(terminal.options.stdout);
  shown.write('a');
  expect([terminal.written.stdout, shown.isReleased]).toEqual(['a', false]);
});

test('a file that was changed just now is not believed to be the same by its looks', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sg-stamp-'));
  const file = path.join(folder, 'a');
  expect(stampFile(file)).toBe(null);
  expect(stampFile(folder)).toBe(null);
  await writeFile(file, 'abc');
  await utimes(file, 1, 1);
  expect(stampFile(file)).toMatchObject({ size: 3, isSettled: false });
  await rm(folder, { recursive: true });
});
