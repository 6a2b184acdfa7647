import type { GateSettings } from '../../src/model/config.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { TeamMeasurement } from '../../src/model/measurement.ts';

/** One finding when a team has more warnings than it is allowed. */
export function assessLint(measurement: TeamMeasurement, settings: GateSettings['lint_enforcement']): Finding[] {
  const { maxWarnings } = settings;
  const warnings = measurement.findings.filter(({ severity }) => severity === 'warning').length;
  if (maxWarnings < 0 || warnings <= maxWarnings) return [];
  return [{
    gate: 'lint_enforcement',
    rule: 'max-warnings',
    message: `${String(warnings)} ${warnings === 1 ? 'warning' : 'warnings'}, at most ${String(maxWarnings)} allowed`,
    file: null,
    line: null,
    column: null,
    severity: 'error',
  }];
}
