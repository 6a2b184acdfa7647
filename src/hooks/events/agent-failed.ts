import { PASS } from '../request.ts';
import { noteStop } from '../send-back.ts';
import type { HookHandler } from '../surroundings.ts';

/**
 * An agent has ended by an error of the model's API: nobody can be told here, and its phase is not completed. It is no longer at work, so that the next
 * one who comes back says whom to start.
 */
export const agentFailed: HookHandler = async (request, surroundings) => {
  await noteStop(request, surroundings, null);
  return PASS;
};
