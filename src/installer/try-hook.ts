import path from 'node:path';
import { LAUNCHER, type Form } from '../../agents/wiring.ts';
import { LIMITS } from '../model/limits.ts';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { runSubprocess, type SubprocessResult } from '../system/subprocess.ts';
import { MARKETPLACE_FOLDER } from './settings-text.ts';

/** As the client sends them (recorded from 2.1.330), of an agent that is no team: whoever is asked has nothing to do, and must say so. */
const PAYLOADS = [
  { hook_event_name: 'SubagentStop', stop_hook_active: false, agent_id: 'a0a06f3892a0a87c5', agent_type: 'Explore', last_assistant_message: 'Done.', background_tasks: [], session_crons: [] },
  { hook_event_name: 'PreToolUse', agent_id: 'a0a06f3892a0a87c5', agent_type: 'Explore', tool_name: 'Write', tool_input: { file_path: 'spark-gates-doctor.txt', content: '' }, tool_use_id: 'toolu_01' },
] as const;

export interface TryOptions {
  readonly form: Form;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Sends recorded payloads through the command that is installed, as the client would; what is wrong with the answer, with what to do; null: nothing. */
export async function tryHook(root: string, options: TryOptions): Promise<string | null> {
  const launcher = options.form === 'project' ? path.join(root, LAUNCHER) : path.join(root, MARKETPLACE_FOLDER, 'plugin', 'launch');
  const run = (args: readonly string[], input: string): Promise<SubprocessResult> => start(root, [launcher, ...args], input, options);
  // An agent that is no team is let through also where there is no spark-gates, so this is asked first.
  const version = await run(['--version'], '');
  if (exitCodeOf(version) !== 0) return `what hooks start ended ${endOf(version)}: ${firstLine(version.stderr)}; run npm install --save-dev spark-gates`;
  for (const payload of PAYLOADS) {
    const input = JSON.stringify({ session_id: '35901971-2fc9-4060-b1b4-f5ec52d84a77', transcript_path: '', cwd: root, permission_mode: 'default', ...payload });
    const answered = await run(['hook'], input);
    const what = `the hook command, given a recorded ${payload.hook_event_name},`;
    if (exitCodeOf(answered) !== 0) return `${what} ended ${endOf(answered)}: ${firstLine(answered.stderr)}; mend the installation: npm install`;
    if (!isRecord(parseJson(answered.stdout))) return `${what} answered what is no JSON object, which the client takes for consent: ${JSON.stringify(answered.stdout.slice(0, 80))}; mend the installation: npm install`;
  }
  return null;
}

function start(root: string, args: readonly string[], input: string, { environment, signal }: TryOptions): Promise<SubprocessResult> {
  return runSubprocess(
    { file: 'node', args, cwd: root, environment: { CLAUDE_PROJECT_DIR: root }, input },
    { environment, signal: AbortSignal.any([signal, AbortSignal.timeout(LIMITS.hookTrialMs)]), graceMs: LIMITS.terminateGraceMs, outputBytesMax: LIMITS.hookTrialBytesMax },
  );
}

function exitCodeOf({ outcome }: SubprocessResult): number | null {
  return outcome.kind === 'exited' ? outcome.exitCode : null;
}

function endOf({ outcome }: SubprocessResult): string {
  switch (outcome.kind) {
    case 'exited':
      return `with exit code ${String(outcome.exitCode)}`;
    case 'killed':
      return `by ${outcome.signal}`;
    case 'cancelled':
      return `without an answer in ${String(LIMITS.hookTrialMs / 1000)} s`;
    case 'not-started':
      return `before it began (${outcome.message})`;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
