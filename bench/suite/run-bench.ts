import { cpus } from 'node:os';
import { GATE_IDS, type GateId } from '../../src/model/gate.ts';
import type { Clock } from '../../src/system/clock.ts';
import { runGit } from '../../src/system/git.ts';
import { describeMachine } from '../../src/system/machine.ts';
import { BenchTrouble } from './bench-trouble.ts';
import type { BenchDocument, CorpusResult, MicroResult } from './document.ts';
import { measureCorpus } from './measure-corpus.ts';
import type { ModeId } from './modes/mode.ts';
import { BUILT } from './own-build.ts';
import { countTokens, tasksOf, type Tokeniser } from './tokens.ts';
import { openTokeniser, openToolbox, type Toolbox } from './tools/toolbox.ts';

/** A tree to measure. */
export interface Subject {
  readonly name: string;
  readonly title: string;
  /** Absolute path of it; may take a while, and throws `BenchTrouble` where it is not to be had. */
  readonly source: () => Promise<string>;
}

export interface BenchRequest {
  readonly subjects: readonly Subject[];
  /** Absolute: where npm puts what is needed, kept for the next time. */
  readonly cache: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly runs: number;
  readonly teamCounts: readonly number[];
  /** Null: all modes. */
  readonly modes: readonly ModeId[] | null;
  /** Null: all gates. */
  readonly gates?: readonly GateId[] | null;
  /** A first look: what the answer is made of is measured first. */
  readonly isQuick: boolean;
  /** No time limit when null; what is not measured by then is left out. */
  readonly timeLimitMs: number | null;
  /** Null: the one that npm installs beside the tools, or none where it can't. */
  readonly tokeniser: Tokeniser | null;
  readonly micro?: (() => Promise<readonly MicroResult[]>) | null;
  readonly product: string;
  readonly onProgress: (sentence: string) => void;
  /** Told of everything so far after each figure, for a benchmark that is cut off. */
  readonly onDocument: (document: BenchDocument) => void;
}

/** The column that the specification promises most for. */
const MAIN_TEAMS = 4;
/** Tasks of the token count: as many as the widest column has teams. */
const TOKEN_TASKS = 8;
const TOKEN_FILES = 6;

/** Measures everything that was asked for. Throws the signal's reason when it is cancelled; a tree that cannot be measured costs that tree. */
export async function runBench(request: BenchRequest): Promise<BenchDocument> {
  const opened = await openDocument(request);
  const sources = request.subjects.length === 0 ? [] : await installAll(request);
  const tokeniser = request.tokeniser ?? (sources[0] === undefined ? null : await openTokeniser(sources[0].toolbox));
  const document: BenchDocument = { ...opened, tokens: tokeniser === null ? null : countTokens(request.teamCounts, tokenTasks(), tokeniser) };
  const corpora: CorpusResult[] = [];
  const soFar = (rest: Partial<BenchDocument> = {}): BenchDocument => ({ ...document, corpora: [...corpora], ...rest });
  // What npm takes is not the measurement's.
  const deadline = request.timeLimitMs === null ? new AbortController().signal : AbortSignal.timeout(request.timeLimitMs);
  for (const one of sources) {
    corpora.push(await measureSubject(one, request, deadline, (result) => { request.onDocument(soFar({ corpora: [...corpora, result] })); }));
    request.onDocument(soFar());
  }
  const micro = request.micro === undefined || request.micro === null ? [] : await request.micro();
  return soFar({ micro: [...micro] });
}

/** What is known before anything was measured. */
async function openDocument(request: BenchRequest): Promise<BenchDocument> {
  const { environment, teamCounts, clock } = request;
  const { cores, memoryBytes } = describeMachine();
  return {
    version: 1,
    product: request.product,
    commit: await ownCommit(environment),
    machine: { cores, cpu: cpus()[0]?.model ?? 'unknown', memoryBytes, platform: `${process.platform} ${process.arch}`, node: process.version },
    startedAt: new Date(clock.now()).toISOString(),
    runs: request.runs,
    quick: request.isQuick,
    teamCounts: [...teamCounts],
    corpora: [],
    tokens: null,
    micro: [],
  };
}

interface Installed {
  readonly subject: Subject;
  readonly toolbox: Toolbox;
  /** Absolute path of its tree, or why it is not to be had. */
  readonly source: { readonly ok: true; readonly value: string } | { readonly ok: false; readonly problem: string };
}

async function installAll({ subjects, cache, environment, signal, onProgress }: BenchRequest): Promise<Installed[]> {
  const toolbox = await openToolbox(cache, { environment, signal, onProgress });
  const installed: Installed[] = [];
  for (const subject of subjects) {
    try {
      installed.push({ subject, toolbox, source: { ok: true, value: await subject.source() } });
    } catch (error) {
      if (!(error instanceof BenchTrouble)) throw error;
      installed.push({ subject, toolbox, source: { ok: false, problem: error.message } });
    }
  }
  return installed;
}

async function measureSubject({ subject, toolbox, source }: Installed, request: BenchRequest, deadline: AbortSignal, onResult: (result: CorpusResult) => void): Promise<CorpusResult> {
  const { environment, signal, onProgress, teamCounts, runs, modes } = request;
  const mainTeams = teamCounts.includes(MAIN_TEAMS) ? MAIN_TEAMS : Math.max(...teamCounts);
  try {
    if (!source.ok) throw new BenchTrouble(source.problem);
    return await measureCorpus({
      name: subject.name, title: subject.title, source: source.value, toolbox, environment, cores: describeMachine().cores, runs, teamCounts, mainTeams,
      gates: request.gates ?? GATE_IDS, modes, signal, deadline, isQuick: request.isQuick, onProgress, onResult,
    });
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof BenchTrouble) && !deadline.aborted) throw error;
    const reason = error instanceof BenchTrouble ? error.message : 'no time was left for it';
    onProgress(`${subject.name}: ${reason}`);
    return unmeasured(subject, reason, mainTeams);
  }
}

function unmeasured({ name, title }: Subject, reason: string, mainTeams: number): CorpusResult {
  return { name, title, files: 0, bytes: 0, tools: [], notes: [reason], gates: [], mainTeams, findings: 0, rows: [], bounds: { ours: null, tools: null }, emptyProcessMs: null };
}

/** The same tasks on every machine. */
function tokenTasks(): ReturnType<typeof tasksOf> {
  return tasksOf(Object.fromEntries(Array.from({ length: TOKEN_TASKS }, (_, team) => [`team${team + 1}`, Array.from({ length: TOKEN_FILES }, (__, file) => `src/part-${team + 1}/module-${file + 1}.ts`)])));
}

/** With a + where the tree it was built from has changes; null where our code is no repository, as when installed from npm. */
async function ownCommit(environment: BenchRequest['environment']): Promise<string | null> {
  const options = { cwd: BUILT, environment };
  const [head, status] = await Promise.all([runGit(['rev-parse', '--short=12', 'HEAD'], options), runGit(['status', '--porcelain', '--untracked-files=no', '--', ':/src', ':/gates', ':/workers'], options)]);
  // An installed package lies in somebody else's repository, whose commit says nothing of ours.
  if (head.kind !== 'done' || BUILT.includes('/node_modules/')) return null;
  return `${head.stdout.trim()}${status.kind === 'done' && status.stdout.trim() !== '' ? '+' : ''}`;
}
