import { compareText } from '../../model/finding.ts';
import { GATE_IDS, type GateId } from '../../model/gate.ts';
import type { RunReport, TeamReport } from '../../model/report.ts';
import type { Verdict } from '../../model/verdict.ts';
import { GATE_LABELS, type Palette } from './palette.ts';
import { counted, longDuration, printable } from './text.ts';

/** One line to paste into a chat: "failed in 12.4 s · api: lint 3, types 1 · web: passed · 9 checks for 32 cells". */
export function summaryLine(report: RunReport, palette: Palette): string {
  const cells = Object.values(report.teams).reduce((sum, team) => sum + Object.keys(team.gates).length, 0);
  const isIdle = report.ok && Object.values(report.teams).every((team) => gatesOf(team).every(([, { status }]) => status === 'skipped'));
  const verdict = report.cancelled ? 'cancelled after' : isIdle ? 'nothing to check, known in' : report.ok ? 'passed in' : 'failed in';
  const teams = Object.entries(report.teams).map(([name, team]) => `${printable(name)}: ${teamWords(team)}`);
  const head = palette.paint(report.ok ? 'green' : 'red', `spark-gates: ${verdict} ${longDuration(report.durationMs)}`);
  const kept = report.checks.filter((check) => check.cached === true).length;
  const checks = `${counted(report.checks.length, 'check')} for ${counted(cells, 'cell')}${kept === 0 ? '' : `, ${kept === report.checks.length ? 'all' : String(kept)} kept from before`}`;
  return [head, ...teams, checks].join(` ${palette.dot} `);
}

/** With `--why`: each check, and what made it run. */
export function whyLines(report: RunReport): string[] {
  return report.checks.flatMap(({ id, cached, why }) => (why === undefined ? [] : [`  ${printable(id)}: ${cached === true ? 'kept' : `run: ${printable(why)}`}`]));
}

function teamWords(team: TeamReport): string {
  const verdicts = gatesOf(team);
  const bad = verdicts.filter(([, verdict]) => verdict.status === 'failed' || verdict.status === 'error');
  if (bad.length > 0) return bad.map(([gate, verdict]) => `${GATE_LABELS[gate]} ${badWord(verdict)}`).join(', ');
  return verdicts.some(([, verdict]) => verdict.status === 'passed') ? 'passed' : 'skipped';
}

function badWord(verdict: Verdict): string {
  const word = verdict.status === 'error' ? 'error' : verdict.findings.length === 0 ? 'failed' : String(verdict.findings.length);
  return verdict.blocking ? word : `${word} (warning)`;
}

/** A team's verdicts in gate order. */
export function gatesOf(team: TeamReport): [GateId, Verdict][] {
  return GATE_IDS.flatMap((gate): [GateId, Verdict][] => {
    const verdict = team.gates[gate];
    return verdict === undefined ? [] : [[gate, verdict]];
  });
}

/** Why cells failed, could not run or were skipped, each reason once with all teams that it is true of. */
export function reasonLines(report: RunReport, palette: Palette): string[] {
  const order = { error: 0, failed: 1, passed: 2, skipped: 3 } as const;
  const groups = new Map<string, { gate: GateId; verdict: Verdict; reason: string; teams: string[] }>();
  for (const [name, team] of Object.entries(report.teams)) {
    for (const [gate, verdict] of gatesOf(team)) {
      const reason = verdict.reason ?? allowedWarnings(verdict);
      if (reason === null) continue;
      const key = JSON.stringify([verdict.status, gate, reason]);
      const group = groups.get(key) ?? { gate, verdict, reason, teams: [] };
      group.teams.push(printable(name));
      groups.set(key, group);
    }
  }
  const everyone = Object.keys(report.teams).length;
  const rows = [...groups.values()].sort(
    (a, b) => order[a.verdict.status] - order[b.verdict.status] || GATE_IDS.indexOf(a.gate) - GATE_IDS.indexOf(b.gate) || compareText(a.reason, b.reason),
  );
  return rows.map(({ gate, verdict, reason, teams }) => {
    const who = teams.length === everyone && everyone > 1 ? 'all teams' : teams.join(', ');
    const status = verdict.status === 'error' ? 'could not run' : verdict.status;
    const first = `  ${palette.mark(verdict.status, verdict.blocking, 0)} ${palette.paint('bold', GATE_LABELS[gate])} ${status} ${palette.paint('dim', `(${who})`)}`;
    return `${first}: ${printable(reason).replaceAll('\n', '\n      ')}`;
  });
}

function allowedWarnings(verdict: Verdict): string | null {
  if (verdict.status !== 'passed' || verdict.findings.length === 0) return null;
  return `with ${counted(verdict.findings.length, 'finding')} within the allowance, listed by --reporter json`;
}

/** Problems of one team that another's change causes, each once. */
export function blockerLines(report: RunReport, palette: Palette): string[] {
  const lines = new Set<string>();
  for (const team of Object.values(report.teams)) {
    for (const [gate, verdict] of gatesOf(team)) {
      for (const { causedBy, shownIn, finding } of verdict.blockers) {
        const place = finding.file === null ? '' : ` at ${printable(finding.file)}${finding.line === null ? '' : `:${String(finding.line)}`}`;
        const message = printable(finding.message.split('\n', 1)[0] ?? '');
        lines.add(`  ${palette.paint('bold', printable(causedBy))} breaks ${palette.paint('bold', printable(shownIn))}${place}: ${GATE_LABELS[gate]} ${finding.rule}: ${message}`);
      }
    }
  }
  return [...lines].sort(compareText);
}
