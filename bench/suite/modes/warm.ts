import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GateId } from '../../../src/model/gate.ts';
import { outcomeOfRun } from '../gates-cli.ts';
import type { Command, Measurement } from '../measure/run-command.ts';
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

/** What was found after an edit of this file and of all before it. */
interface Answer {
  readonly file: string;
  readonly measurement: Measurement;
  readonly outcome: Outcome;
}

async function editInTurn(bench: Bench, references: Map<string, Outcome>, nextEdit: () => number): Promise<CaseRun> {
  const answers = await withEdits(bench, nextEdit, (edit) => askInTurn(bench, edit));
  // Compared afterwards: a cold run between two questions would be a minute in which the lanes grow cold as well.
  const problems = await withEdits(bench, nextEdit, (edit) => compareInTurn(bench, { answers, references, edit }));
  return { measurements: answers.map(({ measurement }) => measurement), outcome: null, ...(problems.length === 0 ? {} : { problem: problems.join('; ') }) };
}

async function askInTurn(bench: Bench, edit: (file: string) => Promise<void>): Promise<Answer[]> {
  const command = commandOf(bench, { cache: true, daemon: true });
  const files = editable(bench);
  const answers: Answer[] = [];
  try {
    // A kept result would answer the first question, and leave the lanes cold: so it is about an edit as well, and does not count.
    await edit(files[0] ?? '');
    await bench.runner.run(command);
    for (const file of files) {
      // An agent's next edit comes some seconds later. What the daemon does after an answer is not part of the next one.
      await sleep(PAUSE_MS);
      await edit(file);
      const { results, measurement } = await bench.runner.measure([command], 'in turn');
      for (const result of results) answers.push({ file, measurement, outcome: outcomeOfRun(result, bench.baseline.kinds) });
    }
    return answers;
  } finally {
    await stopDaemon(bench);
  }
}

interface Comparison {
  readonly answers: readonly Answer[];
  /** What a cold run found, by the last file that was edited. */
  readonly references: Map<string, Outcome>;
  readonly edit: (file: string) => Promise<void>;
}

async function compareInTurn(bench: Bench, { answers, references, edit }: Comparison): Promise<string[]> {
  const command = commandOf(bench, { cache: false });
  const problems: string[] = [];
  for (const { file, outcome } of answers) {
    await edit(file);
    const reference = references.get(file) ?? outcomeOfRun(await bench.runner.run(command), bench.baseline.kinds);
    references.set(file, reference);
    const difference = describeDifference(reference, outcome);
    if (difference !== null) problems.push(`after an edit of ${file}: ${difference}`);
  }
  return problems;
}

function commandOf(bench: Bench, options: { readonly cache: boolean; readonly daemon?: boolean }): Command {
  const gates = HOOK_GATES.filter((gate) => bench.baseline.gates.includes(gate));
  return bench.cli.command(runArguments(bench, bench.mainTeams, { ...options, gates }), bench.root);
}

/** Edits stay, as an agent's do, until the work is done: each question is about one more, and not about one less as well. */
async function withEdits<T>({ root }: Bench, nextEdit: () => number, work: (edit: (file: string) => Promise<void>) => Promise<T>): Promise<T> {
  const before = new Map<string, string>();
  try {
    return await work(async (file) => {
      const absolute = path.join(root, file);
      const text = before.get(absolute) ?? (await readFile(absolute, 'utf8'));
      before.set(absolute, text);
      // A new export with a wrong type: there is something to find, always the same, and everybody who imports the file is concerned.
      await writeFile(absolute, `${text}\nexport const sparkGatesBench: number = 'edit ${String(nextEdit())}';\n`);
    });
  } finally {
    for (const [file, text] of before) await writeFile(file, text);
  }
}

/** Sources, spread evenly over all in the order of their paths. */
export function editable(bench: Pick<Bench, 'teams' | 'mainTeams'>): string[] {
  const sources = Object.values(bench.teams(bench.mainTeams)).flat().filter((file) => /\.tsx?$/.test(file) && !/\.d\.ts$|[./]test[./s]|(?:^|\/)tests?\/|\.config\./.test(file)).sort();
  const count = Math.min(EDITS, sources.length);
  return Array.from({ length: count }, (_, index) => sources[Math.floor(((index + 0.5) / count) * sources.length)] ?? '');
}
