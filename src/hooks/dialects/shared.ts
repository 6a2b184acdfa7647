import path from 'node:path';
import { teamOf } from '../identity.ts';
import { isPayload, listAt, textAt, textsAt, valueAt, wholeTextAt, type Payload } from '../payload.ts';
import type { HookEvent, HookRequest, RunningAgentRow } from '../request.ts';

/** What the payloads of most clients have in common; they took it from one another. */
export function readCommon(payload: Payload, { event, clientEvent, cwd }: { readonly event: HookEvent; readonly clientEvent: string; readonly cwd: string }): HookRequest {
  const folder = textAt(payload, 'cwd') ?? cwd;
  const agentType = textAt(payload, 'agent_type') ?? textAt(payload, 'teammate_name');
  // These are told by whoever has started the agent, and are about the agent.
  const isOfAnother = event === 'agent_returned' || event === 'teammate_started';
  const launched = isOfAnother ? textAt(payload, 'tool_input', 'subagent_type') : null;
  const identity = teamOf(launched ?? agentType ?? '');
  return {
    event,
    clientEvent,
    cwd: path.resolve(cwd, folder),
    sessionId: textAt(payload, 'session_id'),
    agentId: isOfAnother ? textAt(payload, 'tool_response', 'agentId') : textAt(payload, 'agent_id'),
    agentType: launched ?? agentType,
    team: identity?.team ?? null,
    role: identity?.role ?? null,
    tool: textAt(payload, 'tool_name'),
    files: event === 'before_edit' || event === 'after_edit' ? filesOf(payload) : [],
    isRetry: valueAt(payload, 'stop_hook_active') === true,
    running: runningOf(payload),
    words: textAt(payload, 'command_args') ?? '',
  };
}

/** Tools that change the file that they name, by whichever client's name. What a shell command changes is told only afterwards, if at all. */
const EDITORS = new Set(['edit', 'multiedit', 'write', 'notebookedit', 'create', 'str_replace', 'str_replace_editor', 'apply_patch', 'write_file', 'replace', 'edit_file', 'search_replace', 'delete', 'delete_file']);

export function isEditor(tool: string): boolean {
  return EDITORS.has(tool.toLowerCase());
}

export function filesOf(payload: Payload): string[] {
  const calls = listAt(payload, 'tool_calls');
  return [...new Set([payload, ...calls.filter(isPayload)].flatMap(filesOfCall))];
}

function filesOfCall(call: Payload): string[] {
  const shell = textsAt(call, 'tool_response', 'bashEditDiff', 'changedFiles');
  if (!isEditor(textAt(call, 'tool_name') ?? '')) return shell;
  const named = ['file_path', 'notebook_path', 'path', 'filePath', 'target_file'].flatMap((name) => wholeTextAt(call, 'tool_input', name) ?? []);
  const patches = ['input', 'command', 'patch'].flatMap((name) => wholeTextAt(call, 'tool_input', name) ?? []);
  return [...named, ...patches.flatMap(patchedFiles), ...shell];
}

/** The files of a patch in the form that `apply_patch` tools take. */
function patchedFiles(patch: string): string[] {
  return [...patch.matchAll(/^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm)].flatMap(([, file]) => file?.trim() ?? []);
}

function runningOf(payload: Payload): readonly RunningAgentRow[] | null {
  if (!Array.isArray(valueAt(payload, 'background_tasks'))) return null;
  return listAt(payload, 'background_tasks').flatMap((task) => {
    const kind = textAt(task, 'type');
    if ((kind !== 'subagent' && kind !== 'teammate') || textAt(task, 'status') !== 'running') return [];
    return [{ agentId: textAt(task, 'id') ?? '', agentType: textAt(task, 'agent_type') ?? '' }];
  });
}

