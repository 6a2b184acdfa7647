import path from 'node:path';
import { LAUNCHER, type Form } from '../../agents/wiring.ts';
import { LIMITS } from '../model/limits.ts';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { runSubprocess } from '../system/subprocess.ts';
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

/** Sends recorded payloads through the command that is installed, as the client would; what is wrong with the answers, each with what to do. */
export async function tryHook(root: string, { form, environment, signal }: TryOptions): Promise<string[]> {
  const launcher = form === 'project' ? path.join(root, LAUNCHER) : path.join(root, MARKETPLACE_FOLDER, 'plugin', 'launch');
  const problems: string[] = [];
  for (const payload of PAYLOADS) {
    const input = JSON.stringify({ session_id: '35901971-2fc9-4060-b1b4-f5ec52d84a77', transcript_path: '', cwd: root, permission_mode: 'default', ...payload });
    const { outcome, stdout, stderr } = await runSubprocess(
      { file: 'node', args: [launcher, 'hook'], cwd: root, environment: { CLAUDE_PROJECT_DIR: root }, input },
      { environment, signal: AbortSignal.any([signal, AbortSignal.timeout(LIMITS.hookTrialMs)]), graceMs: LIMITS.terminateGraceMs, outputBytesMax: LIMITS.hookTrialBytesMax },
    );
    const what = `the hook command, given a recorded ${payload.hook_event_name},`;
    if (outcome.kind === 'cancelled') problems.push(`${what} gave no answer in ${String(LIMITS.hookTrialMs / 1000)} s: run node ${launcher} hook < /dev/null by hand`);
    else if (outcome.kind !== 'exited' || outcome.exitCode !== 0) problems.push(`${what} ended ${outcome.kind === 'exited' ? `with exit code ${String(outcome.exitCode)}` : `badly (${outcome.kind})`}: ${firstLine(stderr)}; mend the installation: npm install`);
    else if (!isRecord(parseJson(stdout))) problems.push(`${what} answered what is no JSON object, which the client takes for consent: ${JSON.stringify(stdout.slice(0, 80))}; mend the installation: npm install`);
    else if (stdout.includes('no gate has run')) problems.push(`${what} could not start spark-gates: run npm install --save-dev spark-gates`);
    if (problems.length > 0) break;
  }
  return problems;
}

function firstLine(text: string): string {
  return text.trim().split('\n')[0] ?? '';
}
