import { makeTempFolder, removeTempFolder } from '../../src/system/temp-folder.ts';
import { bump, openRelay } from '../relay/session.ts';
import type { MicroCase } from './micro-case.ts';

/** One writer; bench/relay/throughput.ts has four. */
export const relayWrite: MicroCase = {
  name: 'relay, one transaction on disk',
  open: async () => {
    const folder = await makeTempFolder();
    const relay = await openRelay(folder);
    return { missing: null, run: () => bump(relay, 'team1'), close: () => removeTempFolder(folder) };
  },
};
