import { describe, expect, test } from 'vitest';
import { runGate } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { UserConfig } from '../../src/model/config.ts';

type Section = NonNullable<NonNullable<UserConfig['gates']>['performance_check']>;

async function outcomeOf(files: Readonly<Record<string, string>>, section: Section = {}, signal?: AbortSignal): Promise<CheckOutcome> {
  await using project = await makeProject(files);
  const { outcomes } = await runGate(project, 'performance_check', { config: { gates: { performance_check: section } }, ...(signal === undefined ? {} : { signal }) });
  const [only, ...others] = outcomes;
  if (only === undefined || others.length > 0) throw new Error(`${String(outcomes.length)} checks instead of one`);
  return only.outcome;
}

function placesOf(outcome: CheckOutcome): string[] {
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.findings.map((finding) => `${finding.file ?? ''}:${String(finding.line)}:${String(finding.column)} ${finding.rule}`);
}

describe('hazards', () => {
  const HAZARDS = {
    'src/a.ts': [
      "import fs, { readFileSync as read, existsSync } from 'node:fs';",
      "import { execSync } from 'child_process';",
      'export async function slow(file: string, host: { readFileSync(file: string): string }): Promise<boolean> {',
      '  fs.writeFileSync(file, read(file));',
      "  execSync('true');",
      '  existsSync(file);',
      '  host.readFileSync(file);',
      '  [1].map(() => read(file));',
      '  for (const one of [1, 2]) await Promise.resolve(one);',
      '  return /^(?:a+)+$/.test(file);',
      '}',
      'export const quick = (file: string): string => read(file, "utf8");',
      '',
    ].join('\n'),
    'src/cli.js': "#!/usr/bin/env node\nimport fs from 'node:fs';\nasync function main() { fs.readFileSync('a'); }\nmain();\n",
    'scripts/build.js': "import fs from 'node:fs';\nexport async function main() { fs.readFileSync('a'); }\n",
  };

  test('recommended: super-linear expressions and blocking calls right inside async functions', async () => {
    expect(placesOf(await outcomeOf(HAZARDS))).toEqual([
      'src/a.ts:4:3 spark-gates/no-blocking-io-in-async',
      'src/a.ts:4:26 spark-gates/no-blocking-io-in-async',
      'src/a.ts:5:3 spark-gates/no-blocking-io-in-async',
      'src/a.ts:10:15 regexp/no-super-linear-backtracking',
    ]);
  });

  test('strict: awaiting in a loop, too', async () => {
    expect(placesOf(await outcomeOf(HAZARDS, { hazards: 'strict' }))).toContain('src/a.ts:9:29 no-await-in-loop');
  });
});

describe('budgets', () => {
  const SOURCE = { 'src/index.ts': "import { a } from './a.ts';\nconsole.log(a);\n", 'src/a.ts': 'export const a = 1;\nexport const unused = 2;\n' };

  test('a bundle within and above its budget', async () => {
    const within = await outcomeOf(SOURCE, { hazards: 'off', bundles: [{ entry: 'src/index.ts', maxBytes: 1000 }] });
    expect(placesOf(within)).toEqual([]);
    expect(within).toMatchObject({ inspected: { files: ['src/a.ts', 'src/index.ts'] } });
    expect(placesOf(await outcomeOf(SOURCE, { hazards: 'off', bundles: [{ entry: 'src/index.ts', maxBytes: 10 }] }))).toEqual(['src/index.ts:null:null bundle-size']);
  });

  test('a bundle that cannot be built is an error, not a finding', async () => {
    const outcome = await outcomeOf({ 'src/index.ts': "import './gone.ts';\n" }, { hazards: 'off', bundles: [{ entry: 'src/index.ts', maxBytes: 1000 }] });
    expect(outcome).toEqual({ status: 'error', failure: { reason: 'engine-crashed', engine: 'esbuild', detail: 'src/index.ts:1: Could not resolve "./gone.ts"' } });
  });

  test('load time within and above its budget, and a module that throws', async () => {
    const slow = { 'slow é.mjs': 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 800);\n', 'good.mjs': 'export {};\n', 'bad.mjs': "throw new Error('no luck');\n" };
    expect(placesOf(await outcomeOf(slow, { hazards: 'off', loadTimes: [{ entry: 'good.mjs', maxMs: 60_000 }] }))).toEqual([]);
    expect(placesOf(await outcomeOf(slow, { hazards: 'off', loadTimes: [{ entry: 'slow é.mjs', maxMs: 50 }] }))).toEqual(['slow é.mjs:null:null load-time']);
    expect(await outcomeOf(slow, { hazards: 'off', loadTimes: [{ entry: 'good.mjs', maxMs: 60_000 }] })).not.toHaveProperty('validity');
    expect(await outcomeOf(slow, { hazards: 'off', loadTimes: [{ entry: 'bad.mjs', maxMs: 100 }] })).toMatchObject({ status: 'error', failure: { reason: 'engine-crashed', engine: 'node' } });
    expect(await outcomeOf(slow, { hazards: 'off', loadTimes: [{ entry: 'slow é.mjs', maxMs: 100 }] }, AbortSignal.abort())).toMatchObject({ status: 'error', failure: { reason: 'cancelled' } });
  });
});

test('a load time that may come out on either side of its budget is not one to be kept', async () => {
  const uneven = "import { appendFileSync, readFileSync } from 'node:fs';\nappendFileSync('loads', 'x');\nif (readFileSync('loads', 'utf8').length % 2 === 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400);\n";
  expect(await outcomeOf({ 'uneven.mjs': uneven }, { hazards: 'off', loadTimes: [{ entry: 'uneven.mjs', maxMs: 200 }] })).toMatchObject({ validity: { kind: 'unrepeatable', reason: 'the time of uneven.mjs is within the noise of its budget' } });
});

test('no sources and no budget: skipped', async () => {
  await using project = await makeProject({ 'a.md': '# A\n' });
  expect((await runGate(project, 'performance_check')).plan.cells.flatMap((cell) => cell.notes)).toEqual([{ status: 'skipped', reason: 'no sources, and no budget is configured' }]);
});
