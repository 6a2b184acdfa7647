import { endSessionWith } from '../lease-edit.ts';
import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

/** Where the thin client cannot tell where the relay is. */
export const sessionEnd: HookHandler = async ({ sessionId }, { folder, leases, clock }) => (sessionId === null ? PASS : endSessionWith(leases, { sessionId, folder, clock }));
