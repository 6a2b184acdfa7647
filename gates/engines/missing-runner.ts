import type { CheckRequest } from '../../src/model/check.ts';
import type { SuiteRun } from './test-runner/suite-run.ts';

const ENGINES: Readonly<Partial<Record<SuiteRun['suite']['runner'], string>>> = { vitest: 'Vitest', jest: 'Jest', mocha: 'Mocha' };

/** The same checks of test suites, each saying so where its runner is not installed. */
export function foreseeMissingRunners(checks: readonly CheckRequest[]): CheckRequest[] {
  return checks.map((check) => {
    // What `planSuites` gives its checks.
    const { suite, install } = check.params as SuiteRun;
    const engine = suite.tool === null ? ENGINES[suite.runner] : undefined;
    return engine === undefined ? check : { ...check, foreseen: { reason: 'engine-missing', engine, install: `${install} ${suite.runner}` } };
  });
}
