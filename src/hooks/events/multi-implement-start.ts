import { keepOutOfGit } from '../../relay/keep-out-of-git.ts';
import { systemDisk } from '../../system/disk.ts';
import { sessionRow, updateLedger } from '../ledger.ts';
import { PASS, type HookRequest } from '../request.ts';
import type { HookHandler, HookSurroundings } from '../surroundings.ts';

/**
 * The command is about to be run. Its own text starts the session; this remembers that the client's session leads it, so that its end is looked after. Sent by
 * its own name, without a command behind it, the event starts the session itself.
 */
export const multiImplementStart: HookHandler = async (request, surroundings) => {
  if (request.clientEvent !== request.event) {
    await rememberSession(request, surroundings);
    return PASS;
  }
  const { ok, text } = await surroundings.start(request.words);
  if (!ok) return { kind: 'block', reason: text };
  await rememberSession(request, surroundings);
  return { kind: 'context', text };
};

/** It may be the first that is written there, before the session itself. */
async function rememberSession({ sessionId }: HookRequest, { folder, mainRoot }: Pick<HookSurroundings, 'folder' | 'mainRoot'>): Promise<void> {
  if (sessionId === null) return;
  await updateLedger({ folder, disk: systemDisk }, (ledger) => { sessionRow(ledger, sessionId); });
  if (folder !== mainRoot) await keepOutOfGit(folder, systemDisk);
}
