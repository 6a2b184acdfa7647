import path from 'node:path';
import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import { runCli } from '../../test/rig/cli.ts';
import { makeShop } from '../../test/rig/shop.ts';
import type { MicroCase, OpenCase } from './micro-case.ts';

/** Everything that a run depends on is looked at, and nothing has changed; the start of a process is in it. */
export const again: MicroCase = {
  name: 'run with nothing changed, process start included',
  open: () => withShop(async ({ cwd, environment }) => {
    const help = await runCli(['run', '--help'], { cwd, environment });
    const args = ['run', '--reporter', 'json'];
    if (!help.stdout.includes('--no-cache')) return { missing: 'this version has no cache', run: () => undefined };
    await runCli(args, { cwd, environment });
    return { missing: null, run: async () => { await runCli(args, { cwd, environment }); } };
  }),
};

/** A question that the daemon answers without thinking; the start of a process is in it. */
export const roundTrip: MicroCase = {
  name: 'daemon, asked for its status, process start included',
  open: () => withShop(async ({ cwd, environment }) => {
    const help = await runCli(['--help'], { cwd, environment });
    if (!/^\s+daemon\b/m.test(help.stdout)) return { missing: 'this version has no daemon', run: () => undefined };
    await runCli(['daemon', 'start'], { cwd, environment });
    return {
      missing: null,
      run: async () => { await runCli(['daemon', 'status'], { cwd, environment }); },
      end: async () => { await runCli(['daemon', 'stop'], { cwd, environment }); },
    };
  }),
};

type Surroundings = { readonly cwd: string; readonly environment: Readonly<Record<string, string>> };

async function withShop(open: (surroundings: Surroundings) => Promise<Pick<OpenCase, 'missing' | 'run'> & { readonly end?: () => Promise<void> }>): Promise<OpenCase> {
  const shop = await makeShop();
  // Caches and sockets of its own.
  const folder = await makeTempFolder();
  const environment = { XDG_CACHE_HOME: path.join(folder, 'cache'), XDG_RUNTIME_DIR: folder, TMPDIR: folder };
  const { end, ...opened } = await open({ cwd: shop.root, environment });
  return {
    ...opened,
    close: async () => {
      await end?.();
      await removeTempFolder(folder);
      await shop[Symbol.asyncDispose]();
    },
  };
}
