import type { Discrepancy } from '../model/documents.ts';
import type { ConsolidatedReport, KeyFigures, TaskReport } from './report.ts';

/** The consolidated report for people. Nothing is in it that is not in the JSON. */
export function renderMarkdown(report: ConsolidatedReport): string {
  return [
    `# Session ${report.session_id}`,
    '',
    summary(report),
    '',
    '| Task | Status | Team | Phase | Teams tried | Retries | Worked |',
    '|---|---|---|---|---|---|---|',
    ...report.tasks.map((task) => row([task.task_id, task.status, task.team ?? '–', task.phase, task.attempts, task.retries, seconds(task.worked_ms)])),
    ...report.tasks.flatMap(taskSection),
    ...(report.messages.length > 0 ? ['', '## Messages of the teams', '', ...report.messages.map(({ team, message, times }) => `- ${team}: ${inline(message)}${times === 1 ? '' : ` (${times} times)`}`)] : []),
    ...(report.unowned_changes.length > 0 ? ['', '## Changed, and of no task that was begun', '', ...report.unowned_changes.map((file) => `- ${inline(file)}`)] : []),
    ...(report.discrepancies.length > 0 ? ['', '## Edits of the coordination by hand', '', ...report.discrepancies.map(claimLine)] : []),
    '',
    '## Key figures',
    '',
    '| Figure | Value |',
    '|---|---|',
    ...figureRows(report),
    '',
  ].join('\n');
}

export function renderJson(report: ConsolidatedReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

function summary(report: ConsolidatedReport): string {
  const count = (status: TaskReport['status']): number => report.tasks.filter((task) => task.status === status).length;
  const open = count('queued') + count('active');
  const counts = [`${count('completed')} of ${report.tasks.length} tasks completed`, `${count('failed')} failed`, ...(count('unmeasured') > 0 ? [`${count('unmeasured')} completed by word only`] : []), ...(open > 0 ? [`${open} not ended`] : [])];
  const mode = report.execution === 'sequential' ? `one team at a time after ${report.failures} failures` : report.synchronisation;
  return `${counts.join(', ')}; ${seconds(report.elapsed_ms)}, ${mode}.`;
}

function taskSection(task: TaskReport): string[] {
  const lines = [
    ...(task.reason === null ? [] : [`- Reason: ${inline(task.reason)}`]),
    ...Object.entries(task.gates).flatMap(([gate, { status, reason, violations, findings, phase }]) => (status === 'passed' && reason === null ? [] : [
      `- ${gate} (${phase}): ${status}${violations > 0 ? `, ${violations} ${violations === 1 ? 'finding' : 'findings'}` : ''}${reason === null ? '' : `, ${inline(reason)}`}`,
      ...findings.map((finding) => `  - ${inline(finding)}`),
    ])),
    ...task.discrepancies.map(claimLine),
  ];
  return lines.length === 0 ? [] : ['', `## ${inline(task.task_id)}`, '', ...lines];
}

function claimLine({ claim, measured }: Discrepancy): string {
  return `- Claimed ${inline(claim)}, measured ${inline(measured)}`;
}

function figureRows(report: ConsolidatedReport): string[] {
  const { execution_metrics, resource_metrics, quality_metrics }: KeyFigures = report;
  return Object.entries({ execution_metrics, resource_metrics, quality_metrics }).flatMap(([group, values]) =>
    Object.entries(values as Record<string, string | number | null>).map(([key, value]) => row([key, value ?? `not measured: ${report.unmeasured[`${group}.${key}`] ?? ''}`])),
  );
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => inline(String(cell)).replaceAll('|', '\\|')).join(' | ')} |`;
}

/** Agents' words in one line, so that none of them makes a heading or a table of its own. */
function inline(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[<>]/g, (sign) => (sign === '<' ? '&lt;' : '&gt;')).trim();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
