import { LIMITS } from '../../model/limits.ts';
import { contextFile } from '../../model/relay-files.ts';
import { presentPhase } from '../../orchestrator/progress.ts';
import { commandLine } from '../../orchestrator/reach.ts';
import { activeTaskOf } from '../../orchestrator/relay-state.ts';
import { systemDisk } from '../../system/disk.ts';
import { agentRow, sessionRow, updateLedger } from '../ledger.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

const FILES_NAMED_MAX = 20;
const DESCRIPTION_CHARS_MAX = 1_000;

/** An agent of a team begins: it is told what is its own, in case that it was started with fewer words, and shows in the relay as at work. */
export const teamStart: HookHandler = async (request, { folder, store, clock, reach, measure, orchestratorWith }) => {
  const { team, role, agentId, sessionId } = request;
  if (team === null) return PASS;
  const read = await store.read();
  const task = !read.ok || read.value.coordination === null ? null : activeTaskOf(read.value.coordination, team);
  if (task === null) return PASS;
  const [id, row] = task;
  const phase = presentPhase(row.phase);
  if (agentId !== null) {
    await updateLedger({ folder, disk: systemDisk }, (ledger) => {
      Object.assign(agentRow(ledger, agentId, { team, role, session_id: sessionId }), { started_at: new Date(clock.now()).toISOString(), stopped_at: null, phase });
      // Should it end before its work is done, the leading agent is to be told of the same agent once more.
      if (sessionId !== null) sessionRow(ledger, sessionId).told = null;
    });
  }
  await orchestratorWith(measure).recordActivity({ team, assignment: row.assignment });
  const more = row.files.length > FILES_NAMED_MAX ? ` and ${String(row.files.length - FILES_NAMED_MAX)} more` : '';
  return {
    kind: 'context',
    text: [
      `You work for ${team} on ${id}, phase ${phase}${row.retry_count > 0 ? `, retry ${String(row.retry_count)} of ${String(LIMITS.retriesMax)}` : ''}${row.description === '' ? '' : `: ${row.description.slice(0, DESCRIPTION_CHARS_MAX)}`}`,
      `Its context is ${reach.folder}/${contextFile(team)}. Your files: ${row.files.length === 0 ? 'none' : `${row.files.slice(0, FILES_NAMED_MAX).join(', ')}${more}`}. Edits of other teams' files are refused; shared files are leased to you when you edit them (${commandLine(`lock wait <file> --team ${team}`, reach)} where another team has one).`,
      'When you end, the quality gates measure what is there: you are sent back with what they find, or the phase is completed for you.',
    ].join('\n'),
  };
};
