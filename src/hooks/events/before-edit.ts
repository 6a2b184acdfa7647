import path from 'node:path';
import { isDecision } from '../../model/lock-refusal.ts';
import { describeRefusal } from '../../model/lock-refusal.ts';
import { activeTasks } from '../../orchestrator/relay-state.ts';
import { isGateConfig } from '../gate-config.ts';
import { ownershipOf } from '../ownership.ts';
import { PASS } from '../request.ts';
import { denyForeign, denyRelay } from '../sentences.ts';
import type { HookHandler } from '../surroundings.ts';
import { recordEdit, relativeTo } from '../thin-before-edit.ts';

/** A team is about to change files, and a lease is to be had for one of them: what the thin client cannot do. By the log, not by the documents. */
export const beforeEdit: HookHandler = async (request, { store, leases, clock, folder, mainRoot }) => {
  const { team } = request;
  if (team === null) return PASS;
  const read = await store.read();
  if (!read.ok || read.value.coordination === null) return PASS;
  const tasks = activeTasks(read.value.coordination).map(([id, row]) => ({ id, team: row.team, files: row.files }));
  const relay = relativeTo(mainRoot, folder);
  for (const file of request.files) {
    const absolute = path.resolve(request.cwd, file);
    const found = await leases.whoHolds(absolute);
    // Outside the repository nobody owns anything.
    if (!found.ok) continue;
    const { file: key } = found.value;
    const ownership = ownershipOf(key, team, { tasks, relay });
    if (ownership.kind === 'relay') return denyRelay(key, ownership.detail);
    if (ownership.kind === 'foreign') return denyForeign(key, team, ownership.owner);
    if (ownership.kind === 'unowned' || isGateConfig(key)) recordEdit(folder, request, key, clock.now());
    if (ownership.kind !== 'shared') continue;
    const lease = await leases.acquireLock(absolute, team);
    if (lease.ok) continue;
    const what = describeRefusal(lease.refusal);
    // A table that cannot be written keeps nobody from working; the measurement sees what comes of it.
    if (!isDecision(lease.refusal)) return { kind: 'pass', note: `spark-gates: no lease for ${key}: ${what}` };
    return { kind: 'deny', reason: `${what}. To wait for it: spark-gates lock wait ${key} --team ${team}` };
  }
  return PASS;
};
