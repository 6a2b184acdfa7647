import path from 'node:path';
import { activeTasks } from '../../orchestrator/relay-state.ts';
import { mayConcernGates } from '../gate-config.ts';
import { leaseWith } from '../lease-edit.ts';
import { ownershipOf } from '../ownership.ts';
import { PASS } from '../request.ts';
import { denyForeign, denyLocked, denyRelay } from '../sentences.ts';
import type { HookHandler } from '../surroundings.ts';
import { recordEdit, relativeTo } from '../thin-before-edit.ts';

/** A team is about to change files, and its documents are broken or elsewhere, so that the thin client cannot tell. By the log, which has it all. */
export const beforeEdit: HookHandler = async (request, { store, leases, clock, folder, mainRoot }) => {
  const { team } = request;
  if (team === null) return PASS;
  const read = await store.read();
  if (!read.ok || read.value.coordination === null) return PASS;
  const tasks = activeTasks(read.value.coordination).map(([id, row]) => ({ id, team: row.team, files: row.files }));
  const relay = relativeTo(mainRoot, folder);
  const wanted: string[] = [];
  for (const file of request.files) {
    const absolute = path.resolve(request.cwd, file);
    const [found, held] = await Promise.all([leases.locate(absolute), leases.whoHolds(absolute)]);
    // Outside the repository nobody owns anything.
    if (!found.ok || !held.ok) continue;
    const { name } = found.value;
    const { holder } = held.value;
    const ownership = ownershipOf(name, team, { tasks, relay });
    if (ownership.kind === 'relay') return denyRelay(name, ownership.detail);
    if (holder !== null && holder.team !== team) return denyLocked(name, team, holder);
    if (ownership.kind === 'foreign') return denyForeign(name, team, ownership.owner);
    if (ownership.kind === 'unowned' || mayConcernGates(name)) recordEdit(folder, request, { file: name, nowMs: clock.now() });
    if (ownership.kind === 'shared') wanted.push(absolute);
  }
  return wanted.length === 0 ? PASS : leaseWith(leases, { team, files: wanted });
};
