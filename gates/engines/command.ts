import path from 'node:path';
import type { Check, CheckOutcome, CheckRequest } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { GateId, PlanContext } from '../../src/model/gate.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { shellWord } from '../../src/system/shell-word.ts';

/** Name of the check that stands for a gate whose work the configuration gave to a command. */
export const COMMAND_CHECK = 'command';

interface CommandParams {
  readonly command: string;
}

/** First-run guess; the second run knows better. */
const EXPECTED_MS = 10_000;
const SLOTS_MAX = 8;
/** Of an output without one place in it, this much of the end goes into the finding. */
const TAIL_LINES = 30;

/** `src/a.ts:3:7: error: message`, as most tools print it; the level may be missing. */
const COLON_PLACE = /^(?<file>[^\s:()][^:()]*):(?<line>\d+):(?<column>\d+)(?<rest>[:\s].*)$/;
/** `src/a.ts(3,7): error TS2322: message`, as TypeScript and MSBuild print it. */
const PARENTHESES_PLACE = /^(?<file>[^\s()][^()]*)\((?<line>\d+),(?<column>\d+)\):(?<rest>.*)$/;
const LEVEL = /^(?<level>error|warning|info|note)\b:?/;

/** The one check of a gate with a `command` in its settings: it replaces everything that the gate would do by itself. */
export function commandCheck(gate: GateId, context: PlanContext, command: string): CheckRequest {
  const params: CommandParams = { command };
  return {
    name: COMMAND_CHECK,
    gate,
    engine: 'command',
    engineVersion: null,
    engineOrigin: 'project',
    title: command,
    files: context.files,
    workspaceWide: true,
    slotsMax: SLOTS_MAX,
    expectedMs: EXPECTED_MS,
    timeLimitMs: context.settings.timeLimitMs,
    params,
  };
}

/** Exit code 0 is a pass; otherwise the places that its output names are the findings, or else the end of its output is one. */
export async function runCommandCheck(check: Check, context: RunContext): Promise<CheckOutcome> {
  const { command } = check.parts[0]?.params as CommandParams;
  const files = check.files.map((file) => shellWord(file.startsWith('-') ? `./${file}` : file)).join(' ');
  const result = await context.subprocess({ file: command.replaceAll('{files}', files), args: [], cwd: context.workspace.root, shell: true });
  const { outcome } = result;
  if (outcome.kind === 'not-started') return { status: 'error', failure: { reason: 'engine-crashed', engine: command, detail: outcome.message } };
  if (outcome.kind === 'cancelled') return { status: 'error', failure: { reason: 'cancelled', by: 'user' } };
  if (outcome.kind === 'killed') return { status: 'error', failure: { reason: 'engine-crashed', engine: command, detail: `killed by ${outcome.signal}` } };
  // 126 and 127 are the shell's own: not executable, not found.
  if (outcome.exitCode === 126 || outcome.exitCode === 127) {
    return { status: 'error', failure: { reason: 'engine-crashed', engine: command, detail: result.stderr.trim() || 'the shell could not start it' } };
  }
  const inspected = { files: check.files };
  if (outcome.exitCode === 0) return { status: 'done', findings: [], inspected };
  const output = `${result.stdout}\n${result.stderr}`;
  const placed = placesIn(output, check.gates[0], context);
  const errors = placed.filter((finding) => finding.severity === 'error');
  return { status: 'done', findings: errors.length > 0 ? placed : [...placed, wholeOutput(output, outcome.exitCode, check.gates[0])], inspected };
}

function placesIn(output: string, gate: GateId, context: RunContext): Finding[] {
  const known = new Set(context.workspace.files);
  return output.split('\n').flatMap((line) => {
    const place = (PARENTHESES_PLACE.exec(line.trim()) ?? COLON_PLACE.exec(line.trim()))?.groups;
    if (place?.file === undefined) return [];
    const file = path.relative(context.workspace.root, path.resolve(context.workspace.root, place.file)).split(path.sep).join('/');
    if (!known.has(file)) return [];
    const rest = (place.rest ?? '').replace(/^[:\s-]+/, '');
    const level = LEVEL.exec(rest)?.groups?.level ?? 'error';
    const severity = level === 'error' ? 'error' : 'warning';
    return [{ gate, rule: COMMAND_CHECK, message: rest.replace(LEVEL, '').trim(), file, line: Number(place.line), column: Number(place.column), severity }];
  });
}

function wholeOutput(output: string, exitCode: number, gate: GateId): Finding {
  const tail = output.trim().split('\n').slice(-TAIL_LINES).join('\n');
  return { gate, rule: COMMAND_CHECK, message: `the command exited with ${exitCode}\n${tail}`.trim(), file: null, line: null, column: null, severity: 'error' };
}
