import { expect, test } from 'vitest';
import type { RunEvent } from '../../src/model/event.ts';
import { createPrettyReporter } from '../../src/reporters/pretty.ts';
import { makeFinding, makeRun, makeVerdict, recordOutput } from './events.ts';

const SOURCE = 'const one = 1;\n\nconst n: number = "x";\nexport { n };\nexport { one };\n';

async function report(events: readonly RunEvent[], change: Parameters<typeof recordOutput>[0] = {}): Promise<{ stdout: string; stderr: string }> {
  const { options, written } = recordOutput({ source: { '/repository/src/api/price.ts': SOURCE }, ...change });
  const reporter = createPrettyReporter(options);
  for (const event of events) reporter.onEvent(event);
  await reporter.finish();
  return written;
}

test('without a terminal: a line a verdict, the matrix, findings with their code, reasons, a summary', async () => {
  const { stdout, stderr } = await report(makeRun({
    api: { type_verification: makeVerdict('failed', { findings: [makeFinding('type_verification')] }), lint_enforcement: makeVerdict('passed'), test_coverage: makeVerdict('error', { reason: 'vitest is not installed: run npm i -D vitest' }) },
    web: { type_verification: makeVerdict('passed', { durationMs: 12_300 }), lint_enforcement: makeVerdict('passed'), test_coverage: makeVerdict('skipped', { reason: 'no tests' }) },
  }));
  expect(stderr).toBe('');
  expect(stdout).toBe(`3 checks for 2 teams and 3 gates
   0.0 s  ✗ api        types       failed, 1 finding
   0.0 s  ✓ api        lint        passed
   0.0 s  ! api        tests       error
   0.0 s  ✓ web        types       passed
   0.0 s  ✓ web        lint        passed
   0.0 s  – web        tests       skipped

           types   lint    tests
 api       ✗ 1     ✓ 0.2s  ! error
 web       ✓ 12s   ✓ 0.2s  –

api 1 problem
  src/api/price.ts
    3:9  error   types  Type 'string' is not assignable to type 'number'.  TS2322
        1 | const one = 1;
        2 |
      > 3 | const n: number = "x";
          |         ^
        4 | export { n };
        5 | export { one };


Reasons
  ! tests could not run (api): vitest is not installed: run npm i -D vitest
  – tests skipped (web): no tests

spark-gates: failed in 12.4 s · api: types 1, tests error · web: passed · 3 checks for 6 cells
`);
});

test('without a terminal: that checks wait for the machine is said once', async () => {
  const [started, ...rest] = makeRun({ api: { type_verification: makeVerdict('passed'), lint_enforcement: makeVerdict('passed') } });
  if (started === undefined) throw new Error('a run starts');
  const waiting = (['type_verification', 'lint_enforcement'] as const).map((gate): RunEvent => ({ type: 'check-waiting', check: `check of ${gate}`, gates: [gate], atMs: 2_000 }));
  const { stdout } = await report([started, ...waiting, ...rest]);
  expect(stdout.split('\n').filter((line) => line.includes('wait'))).toEqual(['   0.0 s  · waiting for cores or memory: check of type_verification (npx spark-gates doctor says who has them)']);
});

test('shows at most 20 findings of a team and gate, the errors first, and says how many more there are', async () => {
  const warnings = Array.from({ length: 30 }, (_, index) => makeFinding('lint_enforcement', { rule: 'no-console', message: 'Unexpected console.', file: 'src/a.ts', line: index + 1, column: null, severity: 'warning' }));
  const error = makeFinding('lint_enforcement', { rule: 'eqeqeq', message: 'Expected ===.', file: 'src/z.ts', line: null, column: null });
  const { stdout } = await report(makeRun({ api: { lint_enforcement: makeVerdict('failed', { findings: [...warnings, error] }) } }));
  expect(stdout.match(/no-console/g)).toHaveLength(19);
  expect(stdout).toContain('  src/z.ts\n    error   lint  Expected ===.  eqeqeq\n  … and 11 more of lint (use --reporter json for all)\n');
});

test('prints no code around a secret, whoever complains about that place', async () => {
  const secret = makeFinding('security_analysis', { rule: '@secretlint/secretlint-rule-aws', message: 'found AWS Secret Access Key', line: 4 });
  const { stdout } = await report(makeRun({ api: { security_analysis: makeVerdict('failed', { findings: [secret] }), type_verification: makeVerdict('failed', { findings: [makeFinding('type_verification')] }) } }));
  expect(stdout).toContain('found AWS Secret Access Key');
  expect(stdout).not.toContain('export {');
});

test("a project's own text cannot steer the terminal", async () => {
  const finding = makeFinding('lint_enforcement', { message: 'bad\u001b[2J\u001b]0;title\u0007 \u202ename', file: null, line: null, column: null });
  const { stdout } = await report(makeRun({ 'a\u001b[31mpi': { lint_enforcement: makeVerdict('failed', { findings: [finding], reason: 'over \u001b[1mall' }) } }));
  // eslint-disable-next-line no-control-regex -- looks for exactly those
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
  expect(stdout).toContain('the project as a whole\n    error   lint  bad name  TS2322');
});

test('says a reason once for all teams, and whose change breaks whose file', async () => {
  const skipped = makeVerdict('skipped', { reason: 'switched off in the configuration' });
  const blocker = { causedBy: 'api', shownIn: 'web', finding: makeFinding('type_verification', { file: 'src/web/page.ts' }) };
  const { stdout } = await report(makeRun({ api: { type_verification: makeVerdict('passed', { blockers: [blocker] }), performance_check: skipped }, web: { type_verification: makeVerdict('passed', { blockers: [blocker] }), performance_check: skipped } }));
  expect(stdout).toContain(`
Between teams
  api breaks web at src/web/page.ts:3: types TS2322: Type 'string' is not assignable to type 'number'.

Reasons
  – perf skipped (all teams): switched off in the configuration
`);
});

test('a warning-level failure is marked as such, and findings within an allowance are not hidden', async () => {
  const { stdout } = await report(makeRun({ api: { lint_enforcement: makeVerdict('failed', { blocking: false, reason: 'over the allowance' }), documentation_check: makeVerdict('passed', { findings: [makeFinding('documentation_check', { severity: 'warning' })] }) } }));
  expect(stdout).toContain('\n api       ▲       ✓ 0.2s\n');
  expect(stdout).toContain('\n  ▲ lint failed (api): over the allowance\n  ✓ docs passed (api): with 1 finding within the allowance, listed by --reporter json\n');
  expect(stdout).toContain('spark-gates: passed in 12.4 s · api: lint failed (warning) · 2 checks for 2 cells\n');
});

test('colours only where they are wanted', async () => {
  const events = makeRun({ api: { type_verification: makeVerdict('failed', { findings: [makeFinding('type_verification')] }) } });
  expect((await report(events)).stdout).not.toContain('\u001b[');
  expect((await report(events, { colour: true })).stdout).toContain('\u001b[31m✗\u001b[39m');
});
