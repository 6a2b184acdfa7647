import { codeFrameColumns } from '@babel/code-frame';
import path from 'node:path';
import { compareFindings, type Finding } from '../../model/finding.ts';
import { LIMITS } from '../../model/limits.ts';
import type { TeamReport } from '../../model/report.ts';
import { GATE_LABELS, type Palette } from './palette.ts';
import { gatesOf } from './summary.ts';
import { counted, padEnd, printable } from './text.ts';

export interface FindingsOptions {
  readonly palette: Palette;
  readonly colour: boolean;
  readonly root: string;
  readSource(file: string): Promise<string | null>;
}

/** Lines of source on each side of the place. */
const FRAME_LINES = 2;
/** A longer line is generated code; a frame of it fills the screen and says nothing. */
const FRAME_LINE_LENGTH_MAX = 400;
/** Lines of one message; enough for a failing test's expected and received values. */
const MESSAGE_LINES_MAX = 30;

/** What is wrong in one team's files, file by file with the code; no lines when nothing is. */
export async function findingLines(name: string, team: TeamReport, options: FindingsOptions): Promise<string[]> {
  const bad = gatesOf(team).filter(([, verdict]) => verdict.status === 'failed' || verdict.status === 'error');
  const total = bad.reduce((sum, [, verdict]) => sum + verdict.findings.length, 0);
  if (total === 0) return [];
  const shown: Finding[] = [];
  const more: string[] = [];
  for (const [gate, verdict] of bad) {
    const worstFirst = [...verdict.findings].sort((a, b) => Number(a.severity === 'warning') - Number(b.severity === 'warning') || compareFindings(a, b));
    shown.push(...worstFirst.slice(0, LIMITS.findingsShownMax));
    const hidden = worstFirst.length - LIMITS.findingsShownMax;
    if (hidden > 0) more.push(options.palette.paint('dim', `  … and ${String(hidden)} more of ${GATE_LABELS[gate]} (use --reporter json for all)`));
  }
  const secrets = new Set(bad.flatMap(([, verdict]) => verdict.findings).filter(isSecret).map((finding) => `${finding.file ?? ''}:${String(finding.line)}`));
  const lines = [`${options.palette.paint('bold', printable(name))} ${options.palette.paint('dim', counted(total, 'problem'))}`];
  for (const [file, findings] of byFile(shown)) {
    lines.push(`  ${options.palette.paint('cyan', file === null ? 'the project as a whole' : printable(file))}`);
    lines.push(...(await fileLines(file, findings, secrets, options)));
  }
  return [...lines, ...more];
}

function byFile(findings: readonly Finding[]): Map<string | null, Finding[]> {
  const groups = new Map<string | null, Finding[]>();
  for (const finding of [...findings].sort(compareFindings)) {
    const group = groups.get(finding.file);
    if (group === undefined) groups.set(finding.file, [finding]);
    else group.push(finding);
  }
  return groups;
}

async function fileLines(file: string | null, findings: readonly Finding[], secrets: ReadonlySet<string>, options: FindingsOptions): Promise<string[]> {
  const places = findings.map(placeOf);
  const width = Math.max(0, ...places.map((place) => place.length));
  const source = file !== null && findings.some((finding) => finding.line !== null) ? await options.readSource(path.join(options.root, file)) : null;
  const sourceLines = source?.split(/\r\n|[\n\r\u2028\u2029]/u) ?? [];
  return findings.flatMap((finding, index) => {
    const text = messageLines(finding, padEnd(places[index] ?? '', width), options.palette);
    // One frame for all that is said about one line.
    if (finding.line === null || findings[index + 1]?.line === finding.line) return text;
    return [...text, ...frameLines({ ...finding, line: finding.line }, sourceLines, secrets, options.colour)];
  });
}

function placeOf(finding: Finding): string {
  if (finding.line === null) return '';
  return finding.column === null ? String(finding.line) : `${String(finding.line)}:${String(finding.column)}`;
}

function messageLines(finding: Finding, place: string, palette: Palette): string[] {
  const [first = '', ...rest] = printable(finding.message).split('\n');
  const severity = finding.severity === 'error' ? palette.paint('red', 'error  ') : palette.paint('yellow', 'warning');
  const gap = place === '' ? '' : `${palette.paint('dim', place)}  `;
  const shown = rest.slice(0, MESSAGE_LINES_MAX).map((line) => `        ${line}`.trimEnd());
  const hidden = rest.length - shown.length;
  return [
    `    ${gap}${severity} ${GATE_LABELS[finding.gate]}  ${first}  ${palette.paint('dim', printable(finding.rule))}`,
    ...shown,
    ...(hidden > 0 ? [palette.paint('dim', `        … ${String(hidden)} more lines (use --reporter json)`)] : []),
  ];
}

/** No frame where it would print a secret, cannot be true any more, or would be all noise: lines not covered are many. */
function frameLines(finding: Finding & { readonly line: number }, source: readonly string[], secrets: ReadonlySet<string>, colour: boolean): string[] {
  if (finding.line > source.length || finding.rule.startsWith('coverage/')) return [];
  const start = Math.max(1, finding.line - FRAME_LINES);
  const shown = source.slice(start - 1, finding.line + FRAME_LINES);
  if (shown.some((line, index) => line.length > FRAME_LINE_LENGTH_MAX || secrets.has(`${finding.file ?? ''}:${String(start + index)}`))) return [];
  const column = finding.column ?? undefined;
  // Tabs become two columns, so the caret moves along.
  const before = column === undefined ? '' : (source[finding.line - 1] ?? '').slice(0, column - 1);
  const frame = codeFrameColumns(shown.map(printable).join('\n'), { start: { line: finding.line, ...(column === undefined ? {} : { column: printable(before).length + 1 }) } }, {
    linesAbove: FRAME_LINES,
    linesBelow: FRAME_LINES,
    forceColor: colour,
    ...{ startLine: start },
  });
  return [...frame.split('\n').map((line) => `      ${line}`.trimEnd()), ''];
}

function isSecret(finding: Finding): boolean {
  return finding.gate === 'security_analysis' && finding.rule.includes('secretlint');
}
