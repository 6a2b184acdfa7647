import path from 'node:path';
import { expect, test } from 'vitest';
import { Hosts } from '../../src/daemon/hosts.ts';
import { systemClock } from '../../src/system/clock.ts';
import { plainFacts } from '../rig/daemon.ts';
import { makeProject } from '../rig/project.ts';

/** Says what it was asked as its output, and is done, with so many bytes of memory. */
const HOST = `
process.on('message', (message) => {
  if (message.type === 'close') process.exit();
  process.send({ type: 'output', stream: 'stdout', text: message.request.args[0] });
  process.send({ type: 'done', exitCode: 0, memoryBytes: Number(message.request.args[1] ?? 1) });
});
process.on('disconnect', () => process.exit());
`;

test('requests are served in order of arrival, whatever their workspace', async () => {
  await using project = await makeProject({ 'host.mjs': HOST, 'busy/package.json': '{}', 'other/package.json': '{}' });
  const identity = { protocol: 1, build: 'none', node: process.version, program: path.join(project.root, 'host.mjs') };
  const hosts = new Hosts({
    identity, program: identity.program, folder: project.root, clock: systemClock, runsAtOnce: 1, memoryBytesMax: Infinity, isShortOfMemory: () => false, idleMs: 60_000,
    log: () => undefined, onOtherVersion: () => undefined, isIntact: () => true,
  });
  const served: string[] = [];
  const ask = (folder: string, name: string): Promise<void> => new Promise((resolve) => {
    hosts.submit({ type: 'run', identity, ...plainFacts(), args: [name], cwd: path.join(project.root, folder) }, (message) => {
      if (message.type === 'output') served.push(message.text);
      if (message.type === 'done') resolve();
    });
  });
  await Promise.all([ask('busy', 'first'), ask('busy', 'second'), ask('other', 'third'), ask('busy', 'fourth')]);
  await hosts.close();
  expect(served).toEqual(['first', 'second', 'third', 'fourth']);
});

test('beyond their memory the least recently used ends, the last one only beyond twice of it, and all of them where the machine is short of memory', async () => {
  await using project = await makeProject({ 'host.mjs': HOST, 'one/package.json': '{}', 'two/package.json': '{}' });
  const identity = { protocol: 1, build: 'none', node: process.version, program: path.join(project.root, 'host.mjs') };
  let isShort = false;
  const hosts = new Hosts({
    identity, program: identity.program, folder: project.root, clock: systemClock, runsAtOnce: 1, memoryBytesMax: 10, isShortOfMemory: () => isShort, idleMs: 60_000,
    log: () => undefined, onOtherVersion: () => undefined, isIntact: () => true,
  });
  const left = (folder: string, bytes: number): Promise<string[]> => new Promise((resolve) => {
    hosts.submit({ type: 'run', identity, ...plainFacts(), args: ['', String(bytes)], cwd: path.join(project.root, folder) }, (message) => {
      if (message.type === 'done') setImmediate(() => { resolve(hosts.status().map(({ root }) => path.basename(root))); });
    });
  });
  expect(await left('one', 4)).toEqual(['one']);
  expect(await left('two', 6)).toEqual(['one', 'two']);
  expect(await left('two', 7)).toEqual(['two']);
  expect(await left('two', 20)).toEqual(['two']);
  expect(await left('two', 21)).toEqual([]);
  await left('one', 1);
  expect(await left('two', 1)).toEqual(['one', 'two']);
  isShort = true;
  hosts.trim();
  expect(hosts.status().map(({ root }) => path.basename(root))).toEqual(['two']);
  hosts.trim();
  expect(hosts.status()).toEqual([]);
  await hosts.close();
});
