import { PASS } from '../request.ts';
import type { HookHandler } from '../surroundings.ts';

/** A client's session begins: the thin client has started the daemon, and that was all. */
export const sessionStart: HookHandler = () => Promise.resolve(PASS);
