import { systemDisk } from '../../system/disk.ts';
import { sessionRow, updateLedger } from '../ledger.ts';
import { PASS, type HookRequest } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

/**
 * The command is about to be run. Its own text starts the session; this remembers that the client's session leads it, so that its end is looked after. Sent by
 * its own name, without a command behind it, the event starts the session itself.
 */
export const multiImplementStart: HookHandler = async (request, surroundings) => {
  await rememberSession(request, surroundings.folder);
  if (request.clientEvent !== request.event) return PASS;
  const { ok, text } = await surroundings.start(request.words);
  return ok ? { kind: 'context', text } : { kind: 'block', reason: text };
};

async function rememberSession({ sessionId }: HookRequest, folder: string): Promise<void> {
  if (sessionId === null) return;
  await updateLedger({ folder, disk: systemDisk }, (ledger) => { sessionRow(ledger, sessionId); });
}
