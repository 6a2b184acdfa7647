import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import { runReport, statusesOf } from '../rig/cli.ts';
import { makeShop, SHOP_TEAMS } from '../rig/shop.ts';

interface Fault {
  readonly gate: GateId;
  /** In the team's folder. */
  readonly file: string;
  /** From the good content to the bad. */
  readonly plant: (good: string) => string;
  /** `rule file:line`, for each finding of the gate, in the team's folder. */
  readonly findings: readonly string[];
  /** Gates that cannot run on the fault. */
  readonly cannotRun?: readonly GateId[];
}

const SOURCE = 'src/total.ts';

/** One fault a gate that only this gate can see: what cannot be parsed alone, the others in teams side by side. */
const UNPARSED: readonly Fault[] = [
  {
    gate: 'syntax_validation',
    file: SOURCE,
    plant: (good) => `${good}export const = 1;\n`,
    findings: ['syntax/typescript src/total.ts:5'],
    cannotRun: ['type_verification', 'lint_enforcement', 'security_analysis', 'test_coverage', 'performance_check', 'documentation_check', 'integration_test'],
  },
];
const IN_SOURCES: readonly Fault[] = [
  { gate: 'type_verification', file: SOURCE, plant: (good) => `${good}/** Wrong. */\nexport const limit: number = 'ten';\n`, findings: ['TS2322 src/total.ts:6'] },
  { gate: 'lint_enforcement', file: SOURCE, plant: (good) => `${good}/** Void. */\nexport var limit = 10;\n`, findings: ['no-var src/total.ts:6'] },
  { gate: 'security_analysis', file: SOURCE, plant: (good) => `${good}/** Runs anything. */\nexport const run = (code: string): unknown => eval(code);\n`, findings: ['security/detect-eval-with-expression src/total.ts:6'] },
  { gate: 'performance_check', file: SOURCE, plant: (good) => `${good}/** Takes for ever on a long run of a's. */\nexport const slow = /^(a+)+$/;\n`, findings: ['regexp/no-super-linear-backtracking src/total.ts:6'] },
];
const ELSEWHERE: readonly Fault[] = [
  { gate: 'test_coverage', file: 'src/total.test.ts', plant: (good) => good.replace('toBe(3)', 'toBe(4)'), findings: ['test src/total.test.ts:5'] },
  { gate: 'documentation_check', file: 'README.md', plant: (good) => good.replace('src/total.ts)', 'src/sum.ts)'), findings: ['broken-link README.md:3'] },
  { gate: 'integration_test', file: 'integration/total.test.ts', plant: (good) => good.replace('toBe(3)', 'toBe(5)'), findings: ['test integration/total.test.ts:5'] },
];

test('a healthy repository passes every gate of every team', async () => {
  await using shop = await makeShop();
  const { report, exitCode } = await runReport([], { cwd: shop.root });
  for (const team of SHOP_TEAMS) expect({ team, ...statusesOf(report, team) }).toEqual({ team, ...expected() });
  expect(exitCode).toBe(0);
  expect(report.checks.length).toBeLessThan(SHOP_TEAMS.length * GATE_IDS.length);
});

test.each([[UNPARSED], [IN_SOURCES], [ELSEWHERE]])('each fault fails the one gate that sees it, for its team alone: %#', async (faults) => {
  await using shop = await makeShop();
  const planted = SHOP_TEAMS.map((team, index) => ({ team, fault: faults[index] }));
  for (const { team, fault } of planted) {
    if (fault === undefined) continue;
    const file = `${team}/${fault.file}`;
    await shop.write({ [file]: fault.plant(await readFile(path.join(shop.root, file), 'utf8')) });
  }
  const { report, exitCode } = await runReport([], { cwd: shop.root });
  for (const { team, fault } of planted) {
    expect({ team, ...statusesOf(report, team) }).toEqual({ team, ...expected(fault) });
    if (fault === undefined) continue;
    const found = report.teams[team]?.gates[fault.gate]?.findings.map((finding) => `${finding.rule} ${finding.file?.slice(team.length + 1) ?? ''}:${String(finding.line)}`);
    expect(found).toEqual(fault.findings);
  }
  expect(exitCode).toBe(1);
});

/** Status by gate for the team with the fault, or without one. */
function expected(fault?: Fault): Record<string, string> {
  return Object.fromEntries(GATE_IDS.map((gate) => [gate, gate === fault?.gate ? 'failed' : fault?.cannotRun?.includes(gate) === true ? 'error' : 'passed']));
}
