import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GateId } from '../../../src/model/gate.ts';
import { outcomeOfRun } from '../gates-cli.ts';
import type { Measurement } from '../measure/run-command.ts';
import { describeDifference, type Outcome } from '../outcome.ts';
import { stopDaemon } from './daemon.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { runArguments } from './run-arguments.ts';

/** What a hook asks while an agent works. */
const HOOK_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

/** Files edited in a round, each edit taken back: eight answers a round. */
const EDITS = 4;

/** A hook's answer: one file was edited, everything else is known. */
export const warm: Mode = {
  id: 'warm',
  letter: 'e',
  title: 'ours, warm, one file edited',
  explains: 'spark-gates run --daemon --gate syntax, types, lint, security, documentation after an edit of one file, and after taking it back; the findings are compared with a cold run of the same tree',
  cases: (bench) => {
    const references = new Map<string, Outcome>();
    return [{
      id: `warm/${bench.mainTeams}`,
      mode: 'warm',
      title: 'ours, warm, one file edited',
      teams: bench.mainTeams,
      gates: HOOK_GATES,
      ...(bench.cli.hasRunOption('--daemon') ? {} : { missing: 'this version has no daemon' }),
      run: () => editInTurn(bench, references),
    } satisfies BenchCase];
  },
};

async function editInTurn(bench: Bench, references: Map<string, Outcome>): Promise<CaseRun> {
  const gates = HOOK_GATES.filter((gate) => bench.baseline.gates.includes(gate));
  const warmRun = bench.cli.command(runArguments(bench, bench.mainTeams, { cache: true, daemon: true, gates }), bench.root);
  const coldRun = bench.cli.command(runArguments(bench, bench.mainTeams, { cache: false, gates }), bench.root);
  const measurements: Measurement[] = [];
  const problems: string[] = [];
  const ask = async (state: string): Promise<void> => {
    const { results: [result], measurement } = await bench.runner.measure([warmRun], 'in turn');
    measurements.push(measurement);
    if (result === undefined) return;
    const outcome = outcomeOfRun(result, bench.baseline.kinds);
    const reference = references.get(state) ?? outcomeOfRun(await bench.runner.run(coldRun), bench.baseline.kinds);
    references.set(state, reference);
    const difference = describeDifference(reference, outcome);
    if (difference !== null) problems.push(`after ${state}: ${difference}`);
  };
  try {
    await bench.runner.run(warmRun);
    await bench.runner.run(warmRun);
    for (const file of editable(bench)) {
      const absolute = path.join(bench.root, file);
      const text = await readFile(absolute, 'utf8');
      try {
        // A new export with a wrong type: there is something to find, and everybody who imports the file is concerned.
        await writeFile(absolute, `${text}\nexport const sparkGatesBench: number = 'edited';\n`);
        await ask(`an edit of ${file}`);
      } finally {
        await writeFile(absolute, text);
      }
      await ask('taking the edit back');
    }
  } finally {
    await stopDaemon(bench);
  }
  return { measurements, outcome: null, ...(problems.length === 0 ? {} : { problem: problems.join('; ') }) };
}

/** Sources, spread evenly over all in the order of their paths. */
export function editable(bench: Pick<Bench, 'teams' | 'mainTeams'>): string[] {
  const sources = Object.values(bench.teams(bench.mainTeams)).flat().filter((file) => /\.tsx?$/.test(file) && !/\.d\.ts$|[./]test[./s]|(?:^|\/)tests?\/|\.config\./.test(file)).sort();
  const count = Math.min(EDITS, sources.length);
  return Array.from({ length: count }, (_, index) => sources[Math.floor(((index + 0.5) / count) * sources.length)] ?? '');
}
