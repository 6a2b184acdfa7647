import { expect, test } from 'vitest';
import { DIALECTS, type DialectName } from '../../src/hooks/dialects/index.ts';
import type { HookDecision, HookRequest } from '../../src/hooks/request.ts';

/** Payloads in the form that each client's documentation gives. */
const PAYLOADS: readonly [DialectName, Record<string, unknown>, Partial<HookRequest> | null, string?][] = [
  ['codex', { hook_event_name: 'PreToolUse', turn_id: 't', model: 'm', session_id: 's', cwd: '/r', agent_type: 'team1_implementer', agent_id: 'a', tool_name: 'apply_patch', tool_input: { command: '*** Begin Patch\n*** Update File: src/a.ts\n@@\n*** Add File: src/b.ts\n*** End Patch' } }, { event: 'before_edit', cwd: '/r', team: 'team1', files: ['src/a.ts', 'src/b.ts'] }],
  ['codex', { hook_event_name: 'SubagentStop', turn_id: 't', session_id: 's', cwd: '/r', agent_type: 'team1_implementer', agent_id: 'a', stop_hook_active: true }, { event: 'team_phase_complete', team: 'team1', role: 'implementer', agentId: 'a', isRetry: true }],
  ['gemini', { hook_event_name: 'BeforeTool', session_id: 's', cwd: '/r', timestamp: 't', tool_name: 'write_file', tool_input: { file_path: '/r/a.ts', content: '' } }, { event: 'before_edit', team: null, files: ['/r/a.ts'] }],
  ['gemini', { hook_event_name: 'AfterTool', session_id: 's', cwd: '/r', tool_name: 'replace', tool_input: { file_path: '/r/a.ts' }, tool_response: {} }, { event: 'after_edit', files: ['/r/a.ts'] }],
  ['gemini', { hook_event_name: 'AfterAgent', session_id: 's', cwd: '/r', prompt: 'p', prompt_response: 'done', stop_hook_active: false }, { event: 'all_teams_complete', sessionId: 's' }],
  ['gemini', { hook_event_name: 'BeforeModel', session_id: 's', cwd: '/r' }, null],
  ['cursor', { hook_event_name: 'preToolUse', conversation_id: 'c', workspace_roots: ['/r'], tool_name: 'Write', tool_input: { file_path: '/r/a.ts' } }, { event: 'before_edit', sessionId: 'c', cwd: '/r', files: ['/r/a.ts'] }],
  ['cursor', { hook_event_name: 'preToolUse', conversation_id: 'c', workspace_roots: ['/r'], tool_name: 'Delete', tool_input: { target_file: '/r/a.ts' } }, { event: 'before_edit', files: ['/r/a.ts'] }],
  ['cursor', { hook_event_name: 'subagentStop', conversation_id: 'c', workspace_roots: ['/r'], subagent_type: 'team2_quality', subagent_id: 'x', loop_count: 1 }, { event: 'team_phase_complete', team: 'team2', role: 'quality', agentId: 'x', isRetry: true, cwd: '/r' }],
  ['cursor', { hook_event_name: 'stop', conversation_id: 'c', workspace_roots: ['/r'], status: 'completed', loop_count: 0 }, { event: 'all_teams_complete', isRetry: false }],
  ['copilot', { sessionId: 's', timestamp: 1, cwd: '/r', toolName: 'edit', toolArgs: '{"path":"/r/a.ts"}' }, { event: 'before_edit', sessionId: 's', files: ['/r/a.ts'], tool: 'edit' }, 'preToolUse'],
  ['copilot', { sessionId: 's', cwd: '/r', agentName: 'team1_tester', stopReason: 'end_turn' }, { event: 'team_phase_complete', team: 'team1', role: 'tester' }, 'subagentStop'],
  ['copilot', { sessionId: 's', cwd: '/r' }, { event: 'all_teams_complete' }, 'agentStop'],
];

test.each(PAYLOADS)('%s: %j', (name, payload, expected, given) => {
  const dialect = DIALECTS[name];
  const clientEvent = dialect.clientEvent(payload) ?? given ?? '';
  const event = dialect.eventOf(clientEvent, payload);
  if (expected === null || event === null) expect(event).toBe(expected);
  else expect(dialect.read(payload, { event, clientEvent, cwd: '/' })).toMatchObject(expected);
});

const DECISIONS: readonly HookDecision[] = [{ kind: 'pass' }, { kind: 'deny', reason: 'why' }, { kind: 'block', reason: 'why' }, { kind: 'context', text: 'so' }];

test.each([
  ['claude', [{}, { hookSpecificOutput: { hookEventName: 'E', permissionDecision: 'deny', permissionDecisionReason: 'why' } }, { decision: 'block', reason: 'why' }, { hookSpecificOutput: { hookEventName: 'E', additionalContext: 'so' } }]],
  ['codex', [{}, { hookSpecificOutput: { hookEventName: 'E', permissionDecision: 'deny', permissionDecisionReason: 'why' } }, { decision: 'block', reason: 'why' }, { hookSpecificOutput: { hookEventName: 'E', additionalContext: 'so' } }]],
  ['gemini', [{}, { decision: 'deny', reason: 'why' }, { decision: 'deny', reason: 'why' }, { hookSpecificOutput: { hookEventName: 'E', additionalContext: 'so' } }]],
  ['cursor', [{}, { permission: 'deny', user_message: 'why', agent_message: 'why' }, { followup_message: 'why' }, { additional_context: 'so' }]],
  ['copilot', [{}, { permissionDecision: 'deny', permissionDecisionReason: 'why' }, { decision: 'block', reason: 'why' }, { additionalContext: 'so' }]],
] as const)('what %s is answered', (name, answers) => {
  expect(DECISIONS.map((decision) => DIALECTS[name].write(decision, { clientEvent: 'E', event: 'before_edit' }))).toEqual(answers);
});
