import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GateId } from '../../../src/model/gate.ts';
import { outcomeOfRun } from '../gates-cli.ts';
import type { Measurement } from '../measure/run-command.ts';
import { describeDifference, type Outcome } from '../outcome.ts';
import { stopDaemon } from './daemon.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { runArguments } from './run-arguments.ts';

/** What a hook asks while an agent works. */
const HOOK_GATES: readonly GateId[] = ['syntax_validation', 'type_verification', 'lint_enforcement', 'security_analysis', 'documentation_check'];

/** Files edited in a round. The edit is one that was never made before, so that no kept result answers it. */
const EDITS = 6;
const PAUSE_MS = 2_000;

/** A hook's answer: one file was edited, everything else is known. */
export const warm: Mode = {
  id: 'warm',
  letter: 'e',
  title: 'ours, warm, one file edited',
  explains: 'spark-gates run --daemon --gate syntax, types, lint, security, documentation after an edit of one file that breaks its types, lanes warm; the findings are compared with a cold run of the same tree. Files are taken evenly from all, those that everybody imports too',
  cases: (bench) => {
    const references = new Map<string, Outcome>();
    let edits = 0;
    return [{
      id: `warm/${bench.mainTeams}`,
      mode: 'warm',
      title: 'ours, warm, one file edited',
      teams: bench.mainTeams,
      gates: HOOK_GATES,
      ...(bench.cli.hasRunOption('--daemon') ? {} : { missing: 'this version has no daemon' }),
      run: () => editInTurn(bench, references, () => (edits += 1)),
    } satisfies BenchCase];
  },
};

async function editInTurn(bench: Bench, references: Map<string, Outcome>, nextEdit: () => number): Promise<CaseRun> {
  const gates = HOOK_GATES.filter((gate) => bench.baseline.gates.includes(gate));
  const warmRun = bench.cli.command(runArguments(bench, bench.mainTeams, { cache: true, daemon: true, gates }), bench.root);
  const coldRun = bench.cli.command(runArguments(bench, bench.mainTeams, { cache: false, gates }), bench.root);
  const measurements: Measurement[] = [];
  const outcomes: { readonly file: string; readonly outcome: Outcome }[] = [];
  const files = editable(bench);
  const edits = new Edits(bench.root);
  try {
    // A kept result would answer the first question, and leave the lanes cold: so it is about an edit as well, and does not count.
    await edits.make(files[0] ?? '', nextEdit());
    await bench.runner.run(warmRun);
    for (const file of files) {
      // An agent's next edit comes some seconds later. What the daemon does after an answer is not part of the next one.
      await sleep(PAUSE_MS);
      await edits.make(file, nextEdit());
      const { results: [result], measurement } = await bench.runner.measure([warmRun], 'in turn');
      measurements.push(measurement);
      if (result !== undefined) outcomes.push({ file, outcome: outcomeOfRun(result, bench.baseline.kinds) });
    }
    await stopDaemon(bench);
    await edits.takeBack();
    // Compared afterwards: a cold run between two questions would be a minute in which the lanes grow cold as well.
    const problems: string[] = [];
    for (const { file, outcome } of outcomes) {
      await edits.make(file, nextEdit());
      const reference = references.get(file) ?? outcomeOfRun(await bench.runner.run(coldRun), bench.baseline.kinds);
      references.set(file, reference);
      const difference = describeDifference(reference, outcome);
      if (difference !== null) problems.push(`after an edit of ${file}: ${difference}`);
    }
    return { measurements, outcome: null, ...(problems.length === 0 ? {} : { problem: problems.join('; ') }) };
  } finally {
    await edits.takeBack();
    await stopDaemon(bench);
  }
}

/** Edits that stay, as an agent's do, until all are taken back: each question is about one more, and not about one less as well. */
class Edits {
  readonly #root: string;
  readonly #before = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /** A new export with a wrong type: there is something to find, always the same, and everybody who imports the file is concerned. */
  async make(file: string, edit: number): Promise<void> {
    const absolute = path.join(this.#root, file);
    const text = this.#before.get(absolute) ?? (await readFile(absolute, 'utf8'));
    this.#before.set(absolute, text);
    await writeFile(absolute, `${text}\nexport const sparkGatesBench: number = 'edit ${String(edit)}';\n`);
  }

  async takeBack(): Promise<void> {
    for (const [file, text] of this.#before) await writeFile(file, text);
    this.#before.clear();
  }
}

/** Sources, spread evenly over all in the order of their paths. */
export function editable(bench: Pick<Bench, 'teams' | 'mainTeams'>): string[] {
  const sources = Object.values(bench.teams(bench.mainTeams)).flat().filter((file) => /\.tsx?$/.test(file) && !/\.d\.ts$|[./]test[./s]|(?:^|\/)tests?\/|\.config\./.test(file)).sort();
  const count = Math.min(EDITS, sources.length);
  return Array.from({ length: count }, (_, index) => sources[Math.floor(((index + 0.5) / count) * sources.length)] ?? '');
}
