import path from 'node:path';
import { expect, test } from 'vitest';
import { Hosts } from '../../src/daemon/hosts.ts';
import { systemClock } from '../../src/system/clock.ts';
import { plainFacts } from '../rig/daemon.ts';
import { makeProject } from '../rig/project.ts';

/** Says what it was asked as its output, and is done. */
const HOST = `
process.on('message', (message) => {
  if (message.type === 'close') process.exit();
  process.send({ type: 'output', stream: 'stdout', text: message.request.args[0] });
  process.send({ type: 'done', exitCode: 0, memoryBytes: 1 });
});
process.on('disconnect', () => process.exit());
`;

test('requests are served in order of arrival, whatever their workspace', async () => {
  await using project = await makeProject({ 'host.mjs': HOST, 'busy/package.json': '{}', 'other/package.json': '{}' });
  const identity = { protocol: 1, build: 'none', node: process.version, program: path.join(project.root, 'host.mjs') };
  const hosts = new Hosts({
    identity, program: identity.program, folder: project.root, clock: systemClock, runsAtOnce: 1, memoryBytesMax: Infinity, idleMs: 60_000,
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
