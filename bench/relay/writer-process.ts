// One writer of bench/relay/throughput.ts: as many transactions as it is told, from the moment it is told to go.
import { once } from 'node:events';
import { Relay } from '../../src/relay/relay.ts';
import { bump } from './session.ts';

const [folder = '', team = '', count = '0'] = process.argv.slice(2);
const relay = Relay.open({ folder, waitMs: 60_000 });
process.send?.('ready');
await once(process, 'message');
for (let done = 0; done < Number(count); done += 1) await bump(relay, team);
process.send?.('done');
process.disconnect();
