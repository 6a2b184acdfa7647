import type { GateSettings } from '../../src/model/config.ts';
import { compareText, type Finding } from '../../src/model/finding.ts';
import type { CoverageCount, FileCoverage, TeamMeasurement } from '../../src/model/measurement.ts';

const METRICS = ['lines', 'statements', 'branches', 'functions'] as const;

type Metric = (typeof METRICS)[number];

/**
 * The team's coverage against its thresholds, over all its source files together. A team below a threshold gets one
 * finding for itself and one for each of its files that is below, so that an agent knows where to begin.
 */
export function assessCoverage(measurement: TeamMeasurement, settings: GateSettings['test_coverage']): readonly Finding[] {
  if (!measurement.measured) return [];
  const files = Object.entries(measurement.coverage).sort(([a], [b]) => compareText(a, b));
  return METRICS.flatMap((metric) => {
    const threshold = settings.thresholds[metric];
    const total = sum(files.map(([, coverage]) => coverage[metric]));
    if (threshold === undefined || total.total === 0 || percent(total) >= threshold) return [];
    const below = files.filter(([, coverage]) => coverage[metric].total > 0 && percent(coverage[metric]) < threshold);
    const summary = finding(metric, null, null, `${describe(metric, total)} of the team's ${count(files.length, 'source file')} together; the threshold is ${threshold} %`);
    return [summary, ...below.map(([file, coverage]) => fileFinding(metric, file, coverage, threshold))];
  });
}

function fileFinding(metric: Metric, file: string, coverage: FileCoverage, threshold: number): Finding {
  const uncovered = describeLines(coverage.uncoveredLines);
  const where = uncovered === '' ? '' : `: no test reaches ${uncovered}`;
  return finding(metric, file, coverage.uncoveredLines[0] ?? null, `${describe(metric, coverage[metric])}, the threshold is ${threshold} %${where}`);
}

function finding(metric: Metric, file: string | null, line: number | null, message: string): Finding {
  return { gate: 'test_coverage', rule: `coverage/${metric}`, message, file, line, column: null, severity: 'error' };
}

function sum(counts: readonly CoverageCount[]): CoverageCount {
  return counts.reduce((a, b) => ({ total: a.total + b.total, covered: a.covered + b.covered }), { total: 0, covered: 0 });
}

function percent({ total, covered }: CoverageCount): number {
  return (covered / total) * 100;
}

/** Rounded down, so that 79.99 % is never shown as the 80 % that it misses. */
function describe(metric: Metric, value: CoverageCount): string {
  return `${String(Math.floor(percent(value) * 10) / 10)} % of ${metric} covered (${value.covered} of ${value.total})`;
}

/** "lines 3-9, 14": neighbours joined. */
function describeLines(lines: readonly number[]): string {
  const ranges: [from: number, to: number][] = [];
  for (const line of lines) {
    const last = ranges.at(-1);
    if (last?.[1] === line - 1) last[1] = line;
    else ranges.push([line, line]);
  }
  const texts = ranges.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  return texts.length === 0 ? '' : `line${lines.length === 1 ? '' : 's'} ${texts.join(', ')}`;
}

function count(value: number, noun: string): string {
  return `${value} ${noun}${value === 1 ? '' : 's'}`;
}
