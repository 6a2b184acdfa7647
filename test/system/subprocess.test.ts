import { tmpdir } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { ProcessTree } from '../../src/system/process-tree.ts';
import { runSubprocess, type SubprocessRequest, type SubprocessResult, type SubprocessSurroundings } from '../../src/system/subprocess.ts';
import { systemTestEnvironment } from '../rig/environment.ts';

function run(script: string, surroundings: Partial<SubprocessSurroundings> = {}, request: Partial<SubprocessRequest> = {}): Promise<SubprocessResult> {
  return runSubprocess(
    { file: process.execPath, args: ['-e', script], cwd: tmpdir(), ...request },
    { environment: systemTestEnvironment(), signal: new AbortController().signal, graceMs: 300, outputBytesMax: 1_000, ...surroundings },
  );
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await delay(5);
  }
}

test('reports exit code and both outputs', async () => {
  const result = await run('console.log("out"); console.error("err"); process.exit(3)');
  expect(result).toMatchObject({ outcome: { kind: 'exited', exitCode: 3 }, stdout: 'out\n', stderr: 'err\n', truncated: false });
});

test('passes input, and environment without what was removed', async () => {
  const script = 'process.stdin.on("data", (text) => process.stdout.write(`${text} ${process.env.COLOUR} ${process.env.LANG}`))';
  const result = await run(script, {}, { input: 'hello', environment: { COLOUR: 'blue', LANG: undefined } });
  expect(result.stdout).toBe('hello blue undefined');
});

test('a program that is not there is a result, not an exception', async () => {
  const result = await run('', {}, { file: 'no-such-program-anywhere' });
  expect(result.outcome).toEqual({ kind: 'not-started', message: expect.stringContaining('ENOENT') as string });
});

test('a folder that is not there is a result, too', async () => {
  const result = await run('', {}, { cwd: '/no/such/folder' });
  expect(result.outcome.kind).toBe('not-started');
});

test('a signal is told apart from an exit', async () => {
  expect((await run('process.kill(process.pid, "SIGKILL"); setInterval(() => {}, 1000)')).outcome).toEqual({ kind: 'killed', signal: 'SIGKILL' });
});

test('output past the bound keeps its beginning and its end', async () => {
  const result = await run('process.stdout.write("first" + "x".repeat(100_000) + "last")');
  expect(result.truncated).toBe(true);
  expect(result.stdout.slice(0, 5)).toBe('first');
  expect(result.stdout.slice(-4)).toBe('last');
  expect(result.stdout.length).toBeLessThan(70_000);
});

test('children left behind end with their parent, also those that left its process group', async () => {
  const leave = (detached: boolean): string =>
    `const child = require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { detached: ${String(detached)}, stdio: ["ignore", "inherit", "inherit"] }); child.unref(); console.log(child.pid);`;
  for (const detached of process.platform === 'linux' ? [false, true] : [false]) {
    const result = await run(leave(detached));
    expect(result.outcome).toEqual({ kind: 'exited', exitCode: 0 });
    await untilGone(Number(result.stdout));
  }
});

test('cancelling asks first, then kills, and tells when the tree is gone', async () => {
  const controller = new AbortController();
  const trees: [ProcessTree, string][] = [];
  const stubborn = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)';
  const running = run(stubborn, { signal: controller.signal, onTree: (tree, state) => { trees.push([tree, state]); } });
  controller.abort();
  expect((await running).outcome).toEqual({ kind: 'cancelled' });
  expect(trees.map(([, state]) => state)).toEqual(['started', 'ended']);
  await untilGone(trees[0]?.[0].pid ?? 0);
});

test('nothing is started when it was cancelled before', async () => {
  const result = await run('console.log("ran")', { signal: AbortSignal.abort() });
  expect(result).toMatchObject({ outcome: { kind: 'cancelled' }, stdout: '' });
});
