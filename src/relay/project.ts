import path from 'node:path';
import { updateFile } from '../system/guarded-file.ts';
import { formatDocument, isInStep } from './document-kind.ts';
import type { EventLog, RelayPlace } from './event-log.ts';
import { unwrap } from './refused.ts';
import type { LogView } from './segment.ts';
import { inspectFile, type SettledTexts } from './settle.ts';

/**
 * Brings the files in step with the log. What each becomes is asked of the log within the replacement of the file, at the last
 * moment: so a writer that was paused puts the newest there, or nothing. A file that somebody has edited since it was
 * settled is left for the next who looks.
 */
export async function projectDocuments(place: RelayPlace, log: EventLog, segment: LogView, texts: SettledTexts): Promise<void> {
  for (const [name, document] of segment.documents) {
    if (texts.get(name) === formatDocument(document)) continue;
    const outcome = await updateFile({ ...place, file: path.join(place.folder, name), durable: true }, async (content) => {
      const look = await log.look();
      const newest = look.kind === 'segment' ? look.segment : segment;
      const target = newest.documents.get(name) ?? document;
      if (content !== null && isInStep(target, name, content)) return { content: null, value: null };
      const isSettled = content === null || (texts.has(name) && content === texts.get(name));
      const isOurs = isSettled || (await inspectFile(log, newest, name, content)).kind === 'behind';
      return { content: isOurs ? formatDocument(target) : null, value: null };
    });
    unwrap(outcome, place.folder, place.waitMs);
  }
}
