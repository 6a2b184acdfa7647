import { compareFindings, type Finding } from '../../../src/model/finding.ts';

/** How many names a note spells out. */
const NAMED_MAX = 5;

/** "a.png, b.png and 3 more": for notes, which stay short whatever the workspace's size. */
export function listBriefly(names: readonly string[]): string {
  const rest = names.length - NAMED_MAX;
  return rest <= 0 ? names.join(', ') : `${names.slice(0, NAMED_MAX).join(', ')} and ${String(rest)} more`;
}

/** "3 files are binary: …", or nothing when there is none. */
export function noteOf(names: readonly string[], what: string): string[] {
  if (names.length === 0) return [];
  return [`${names.length === 1 ? '1 file' : `${String(names.length)} files`} ${what}: ${listBriefly(names)}`];
}

/** What comments silence must be seen by whoever reads the report, for it is how a gate is switched off from within. */
export function silencedNote(findings: readonly Finding[]): string[] {
  if (findings.length === 0) return [];
  const places = [...findings].sort(compareFindings).map(({ file, line, rule }) => `${file ?? ''}:${String(line)} ${rule}`);
  return [`${findings.length === 1 ? '1 finding' : `${String(findings.length)} findings`} silenced by comments: ${listBriefly(places)}`];
}
