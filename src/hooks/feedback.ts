import { createHash } from 'node:crypto';
import type { Finding } from '../model/finding.ts';
import type { GateId } from '../model/gate.ts';
import { HOOK_LIMITS, LIMITS } from '../model/limits.ts';
import type { GateFailure } from '../orchestrator/phase-gates.ts';
import { commandLine, type Reach } from '../orchestrator/reach.ts';

export interface Feedback {
  readonly team: string;
  readonly phase: string;
  readonly failures: readonly GateFailure[];
  /** Sentences that come before the findings. */
  readonly warnings: readonly string[];
  /** How often it has been sent back, this time included. */
  readonly round: number;
  /** Absolute; null where it could not be written. */
  readonly report: string | null;
  readonly reach: Reach;
}

const LAST_WORDS = 'When this is mended, end again and repeat your final report in full: it replaces the one before.';
const MEND = 'Mend what follows in your own files, without weakening a rule, a threshold or a test.';

/** What an agent is sent back with: the most useful first, within what the client shows, and never without its last sentence. */
export function feedbackText(feedback: Feedback): string {
  const { team, phase, failures, warnings, round, report, reach } = feedback;
  const head = `${team} has not completed ${phase} (sent back ${String(round)} of ${String(HOOK_LIMITS.blocksMax)}): ${failures.map(({ gate, verdict }) => `${gate} ${verdict.status === 'error' ? 'could not run' : 'failed'}`).join(', ')}. ${MEND}`;
  const tail = [
    `Run again: ${commandLine(`run --only ${team} --gate ${failures.map(({ gate }) => gate).join(',')}`, reach)}`,
    ...(report === null ? [] : [`All findings: ${report}`]),
    LAST_WORDS,
  ].join('\n');
  const room = HOOK_LIMITS.reasonCharsMax - head.length - tail.length - 2;
  return [head, fitted([...warnings, ...failures.flatMap(sectionOf)], room), tail].join('\n');
}

/** What could not run first is why; then each gate's findings with its errors first. */
function sectionOf({ gate, verdict }: GateFailure): string[] {
  const errors = verdict.findings.filter(({ severity }) => severity === 'error');
  const findings = [...errors, ...verdict.findings.filter(({ severity }) => severity !== 'error')];
  const shown = findings.slice(0, LIMITS.findingsTold);
  const more = findings.length - shown.length;
  return [
    `## ${gate}${verdict.reason === null ? '' : `: ${verdict.reason.slice(0, HOOK_LIMITS.findingCharsMax)}`}`,
    ...shown.map(findingText),
    ...(more > 0 ? [`and ${String(more)} more`] : []),
  ];
}

/** A finding with its place, and what it expected and got kept whole where it is cut: its ends say most. */
export function findingText({ file, line, column, message, rule }: Finding): string {
  const place = [file, line, column].filter((part) => part !== null).join(':');
  return `${place === '' ? '' : `${place} `}${shortened(message.trimEnd())} (${rule})`;
}

/** The first line, then the lines that tell what was expected and what came, then as much of the rest as there is room for. */
function shortened(message: string): string {
  if (message.length <= HOOK_LIMITS.findingCharsMax) return message;
  const [first = '', ...rest] = message.split('\n');
  const telling = rest.filter((line) => /^\s*(?:[-+] |[-+]\s{2}|expected\b|received\b|actual\b)/i.test(line));
  return `${[first, ...telling].join('\n').slice(0, HOOK_LIMITS.findingCharsMax)} …`;
}

function fitted(lines: readonly string[], room: number): string {
  const kept: string[] = [];
  let left = room;
  for (const [index, line] of lines.entries()) {
    const note = `… ${String(lines.length - index)} more lines`;
    if (line.length + 1 > left - note.length - 1) return [...kept, note].join('\n');
    kept.push(line);
    left -= line.length + 1;
  }
  return kept.join('\n');
}

/** Equal for two measurements that found the same, wherever in the files it has moved: then nothing was mended in between. */
export function fingerprintOf(failures: readonly GateFailure[]): string {
  const rows: readonly [GateId, string, string | null, readonly string[]][] = failures.map(({ gate, verdict }) => [
    gate, verdict.status, verdict.findings.length === 0 ? verdict.reason : null, verdict.findings.map(({ file, rule, message }) => `${file ?? ''} ${rule} ${message}`).sort(),
  ]);
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex').slice(0, 16);
}
