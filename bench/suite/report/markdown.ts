import type { BenchDocument, Bound, CorpusResult, MicroResult, RowResult } from '../document.ts';
import { MODES } from '../modes/index.ts';
import type { Summary } from '../statistics.ts';
import { inPercent, inSeconds, megabytes, percent, seconds, table, times, whole } from './format.ts';

/** The specification's figures, for as many teams. */
export const SPECIFIED_TIME: Readonly<Record<number, number>> = { 2: 0.55, 3: 0.4, 4: 0.3 };
const SPECIFIED_TOKENS: Readonly<Record<number, number>> = { 2: 1.02, 3: 1.03, 4: 1.05 };
const SPECIFIED_COMPLEXITY: Readonly<Record<number, string>> = { 2: 'medium', 3: 'high', 4: 'very high' };

const NONE = '–';

/** Everything that was measured, for people. */
export function renderMarkdown(document: BenchDocument): string {
  const { machine, corpora, product, commit, startedAt, runs, quick } = document;
  return [
    '# Benchmark',
    '',
    `${product}${commit === null ? '' : `, commit ${commit}`}; ${machine.cores} × ${machine.cpu}, ${(machine.memoryBytes / 1024 ** 3).toFixed(0)} GiB, ${machine.platform}, Node ${machine.node}; ${startedAt}; ${runs} rounds, in each every row once, every second round in reverse${quick ? '; cut off by --quick' : ''}. Times are medians with the lowest and the highest; shares in the tables are of the same round, or of the median where the base was measured in fewer, those below them of medians.`,
    ...corpora.flatMap((corpus) => corpusLines(document, corpus)),
    ...microLines(document.micro),
    ...legend(corpora),
  ].join('\n') + '\n';
}

function corpusLines(document: BenchDocument, corpus: CorpusResult): string[] {
  const { title, files, bytes, tools, notes, rows } = corpus;
  if (rows.length === 0) return ['', `## ${title}`, '', `Not measured: ${notes.join('; ')}.`];
  return [
    '', `## ${title}`, '',
    `${files} files, ${(bytes / 1024).toFixed(0)} KiB; ${tools.join(', ')}. Gates: ${corpus.gates.join(', ')}.`,
    '', ...specifiedTable(document, corpus),
    '', ...modesTable(corpus),
    ...boundLines(corpus),
    '', ...notes.map((note) => `- ${sentence(note)}`),
  ];
}

/** The table of the specification, measured. */
function specifiedTable({ teamCounts, tokens }: BenchDocument, corpus: CorpusResult): string[] {
  const columns = (figure: (teams: number) => string): string[] => teamCounts.map(figure);
  const rowOf = (id: string): RowResult | undefined => corpus.rows.find((row) => row.id === id);
  const timeOf = (name: string) => (teams: number): string => {
    const row = rowOf(`${name}/${teams}`);
    // For more teams than the sequential way was measured for there is no share.
    return row === undefined ? NONE : row.missing ?? (row.ofSequential === null ? `${seconds(row.wallMs)} s` : percent(row.ofSequential));
  };
  const tokensOf = (teams: number) => tokens?.teams.find((one) => one.teams === teams);
  const body = [
    ['Time, specified', '100 %', ...columns((teams) => shareOr(SPECIFIED_TIME[teams]))],
    ['Time, cold', '100 %', ...columns(timeOf('shared'))],
    ['Time, nothing changed', '100 %', ...columns(timeOf('cached'))],
    ['Time, nothing changed, daemon', '100 %', ...columns(timeOf('cached-daemon'))],
    ['Token usage, specified', '100 %', ...columns((teams) => shareOr(SPECIFIED_TOKENS[teams]))],
    ['Token usage', '100 %', ...columns((teams) => { const own = tokensOf(teams); return own === undefined ? NONE : `${(own.share * 100).toFixed(1)} % (${own.tokens})`; })],
    ['Quality', `${corpus.findings} findings`, ...columns((teams) => qualityOf(rowOf(`shared/${teams}`), rowOf(`naive/${teams}`)))],
    ['Complexity, specified', 'low', ...columns((teams) => SPECIFIED_COMPLEXITY[teams] ?? NONE)],
    ['Complexity', NONE, ...columns((teams) => { const own = tokensOf(teams); return own === undefined ? NONE : `${own.documents} documents, ${own.answers} answers`; })],
  ];
  return table(['Metric', 'Sequential', ...columns((teams) => `${teams} ${teams === 1 ? 'team' : 'teams'}`)], body);
}

/** 100 %: the very same findings and exit status as the tools', by hash. */
function qualityOf(own: RowResult | undefined, tools: RowResult | undefined): string {
  if (own === undefined) return NONE;
  if (own.missing !== null || own.hash === null) return own.missing ?? NONE;
  return tools === undefined || tools.hash === null || tools.hash === own.hash ? `100 % (${own.hash})` : `differs: ${own.hash}, not ${tools.hash}`;
}

function modesTable({ rows, mainTeams }: CorpusResult): string[] {
  const letters = new Map(MODES.map(({ id, letter }) => [id, letter]));
  const shown = rows.filter(({ teams, mode }) => teams === null || teams === mainTeams || mode === 'naive');
  return table(
    ['', 'Mode', 'Teams', 'Runs', 'Wall s', 'of sequential', 'of node -e 0', 'CPU s', 'Peak MiB', 'Processes', 'Findings'],
    shown.map((row) => [
      letters.get(row.mode) ?? '', row.title, row.teams === null ? 'any' : String(row.teams),
      ...(row.missing === null
        ? [String(row.wallMs?.runs ?? 0), seconds(row.wallMs), percent(row.ofSequential), times(row.ofEmptyProcess), row.cpuMs === null ? NONE : inSeconds(row.cpuMs.median), megabytes(row.peakBytes), whole(row.peakProcesses), row.hash ?? 'as a cold run']
        : [NONE, NONE, NONE, NONE, NONE, NONE, NONE, row.missing]),
    ]),
  );
}

/** What the table's rows are to each other. */
function boundLines({ bounds, rows, mainTeams, emptyProcessMs }: CorpusResult): string[] {
  const cold = rows.find(({ id }) => id === `shared/${mainTeams}`) ?? null;
  const tuned = rows.filter((row) => row.mode === 'tuned' && row.wallMs !== null).sort((a, b) => (a.wallMs?.median ?? 0) - (b.wallMs?.median ?? 0))[0] ?? null;
  const lines = [
    ...boundLine('our own work', bounds.ours, cold),
    ...boundLine("the tools' work, each once", bounds.tools, cold),
    ...shareLine('Cold takes', cold?.wallMs, tuned?.wallMs, `of the best tuned way (${tuned?.title ?? ''})`),
    ...shareLine('Cold has at its peak', cold?.peakBytes, tuned?.peakBytes, 'of the memory of that way'),
    ...rows.flatMap((row) => besideLine(row)),
    ...(emptyProcessMs === null ? [] : [`- An empty Node process (node -e 0) takes ${emptyProcessMs.median.toFixed(0)} ms (${emptyProcessMs.low.toFixed(0)}–${emptyProcessMs.high.toFixed(0)}).`]),
  ];
  return lines.length === 0 ? [] : ['', ...lines];
}

function boundLine(whose: string, bound: Bound | null, cold: RowResult | null): string[] {
  if (bound === null) return [];
  const distance = cold?.wallMs === null || cold === null ? '' : `; cold takes ${(cold.wallMs.median / bound.boundMs).toFixed(2)} × of it`;
  return [`- Lower bound of ${whose}: ${inSeconds(bound.boundMs)} s, the larger of ${inSeconds(bound.cpuShareMs)} s (its CPU time over all cores) and ${inSeconds(bound.criticalPathMs)} s (its longest part)${distance}.`];
}

function shareLine(what: string, own: Summary | null | undefined, other: Summary | null | undefined, ofWhat: string): string[] {
  return own === null || own === undefined || other === null || other === undefined ? [] : [`- ${what} ${inPercent(own.median / other.median)} ${ofWhat}.`];
}

/** Of work that ran beside its like. */
function besideLine({ title, ofAlone, peakProcesses, peakThreads, peakBytes }: RowResult): string[] {
  if (ofAlone === null) return [];
  return [`- ${title.charAt(0).toUpperCase()}${title.slice(1)} takes ${ofAlone.median.toFixed(2)} × (${ofAlone.low.toFixed(2)}–${ofAlone.high.toFixed(2)}) its time alone; at the peak ${whole(peakProcesses)} processes with ${whole(peakThreads)} threads and ${megabytes(peakBytes)} MiB together.`];
}

function microLines(micro: readonly MicroResult[]): string[] {
  if (micro.length === 0) return [];
  const rows = micro.map((one) => (one.missing === null ? [one.name, one.perSecond.toFixed(one.perSecond < 10 ? 1 : 0), one.meanMs.toFixed(4), one.p99Ms.toFixed(4), String(one.samples)] : [one.name, NONE, NONE, NONE, one.missing]));
  return ['', '## Parts', '', ...table(['', 'per second', 'mean ms', 'p99 ms', 'samples'], rows)];
}

function legend(corpora: readonly CorpusResult[]): string[] {
  const used = new Set(corpora.flatMap(({ rows }) => rows.map(({ mode }) => mode)));
  return used.size === 0 ? [] : ['', '## Modes', '', ...MODES.filter(({ id }) => used.has(id)).map(({ letter, title, explains }) => `- **${letter}, ${title}**: ${explains}.`)];
}

function shareOr(share: number | undefined): string {
  return share === undefined ? NONE : `${(share * 100).toFixed(0)} %`;
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
