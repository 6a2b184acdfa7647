import { afterEdit } from '../hooks/events/after-edit.ts';
import { namedGateFiles } from '../hooks/gate-config.ts';
import type { HookRequest } from '../hooks/request.ts';
import type { CommandContext } from './command-context.ts';
import { openOrchestration } from './orchestration.ts';

/**
 * What an edit leaves behind where no engines are warm: who has edited, and which gate configuration. Nothing is checked, but the end of an agent
 * is judged by it: one that was not seen editing may go without its gates.
 */
export async function noteEdit(request: HookRequest, context: CommandContext): Promise<void> {
  const { root, mainRoot, folder, settings } = await openOrchestration({}, { ...context, cwd: request.cwd });
  await afterEdit(request, { root, mainRoot, folder, gateFiles: namedGateFiles(settings.gates), clock: context.clock, checkFiles: () => Promise.resolve(null) });
}
