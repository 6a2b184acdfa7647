import { InvalidArgumentError, type Command } from 'commander';
import path from 'node:path';
import type { Leases } from '../locks/leases.ts';
import type { FileLock, Lease } from '../model/lease.ts';
import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockResult } from '../model/lock-refusal.ts';
import type { CommandContext, Finish } from './command-context.ts';
import { hasEnded } from '../orchestrator/coordination.ts';
import type { OrchestratorStore } from '../orchestrator/multi-team-orchestrator.ts';
import { OrchestratorTrouble } from '../orchestrator/orchestrator-trouble.ts';
import { teamIds } from '../orchestrator/relay-state.ts';
import { answer } from './answer.ts';
import { toCommandAnswer, type LockAnswer } from './lock-answer.ts';
import { addRelayOptions, openOrchestration, type Orchestration, type RelayOptions } from './orchestration.ts';

interface LockOptions extends RelayOptions {
  readonly team: string;
  readonly json?: boolean;
  readonly token?: number;
  readonly duration?: number;
  readonly timeout?: number;
  readonly critical?: boolean;
  readonly all?: boolean;
  readonly by?: string;
  readonly reason: string;
}

const EXIT_CODES = '\nExit code: 0 done, 1 refused (the answer says why), 2 could not (usage, outside the repository, no team of the session, disk).';

const EXAMPLES = `
Examples:
  $ spark-gates lock acquire src/types.ts --team team1
  locked src/types.ts token 1767607200000 until 2026-01-05T10:00:30.000Z
  $ spark-gates lock renew src/types.ts --team team1 --token 1767607200000
  $ spark-gates lock release src/types.ts --team team1 --token 1767607200000
  $ spark-gates lock wait src/types.ts --team team2 --timeout 20s

While there is a session, only its teams get leases; without one, any name will do.

A lease lasts 30 s unless it is renewed; afterwards another team may take the file. Check the token before the change is
written: a token that is no longer valid means that another team has had the file.
${EXIT_CODES.trimStart()}`;

export function defineLock(program: Command, context: CommandContext, finish: Finish): void {
  const lock = program
    .command('lock')
    .summary('lease shared files to one team at a time')
    .description('Lease shared files to one team at a time. The table is file_locks.json in the relay\'s folder.')
    .addHelpText('after', EXAMPLES);
  const command = (name: string, summary: string): Command => addRelayOptions(lock.command(name))
    .summary(summary)
    .description(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`)
    .option('--json', 'print one JSON document')
    .addHelpText('after', EXIT_CODES);
  const run = async (options: LockOptions, work: (leases: Leases, absolute: (file: string) => string, orchestration: Orchestration) => Promise<LockAnswer>): Promise<void> => {
    finish(await answer(options, context, async () => {
      const orchestration = await openOrchestration(options, context);
      return toCommandAnswer(await work(orchestration.leases, (file) => toAbsolute(file, orchestration), orchestration), context);
    }));
  };

  command('acquire', 'get files at once, all or none').argument('<files...>').requiredOption('--team <name>', 'who gets them')
    .option('--duration <time>', 'how long without being renewed, as 500ms, 30s or 5m (default: 30s)', toMs)
    .option('--critical', 'on the critical path: before teams that are not')
    .action((files: string[], options: LockOptions) => run(options, async (leases, absolute, { store }) => await refuseStranger(options.team, store)
      ?? leaseAnswer('locked', await leases.acquireAll(files.map(absolute), options.team, { ...durationOf(options), critical: options.critical === true, signal: context.signal }))));
  command('renew', 'begin the time of a lease anew').argument('[file]').requiredOption('--team <name>', 'who has it')
    .option('--token <number>', 'the token that "acquire" printed', toToken)
    .option('--duration <time>', 'a new duration', toMs)
    .option('--all', 'everything that the team has')
    .action((file: string | undefined, options: LockOptions, itself: Command) => run(options, (leases, absolute) => renew(leases, file === undefined ? null : absolute(file), options, itself)));
  command('release', 'give files back').argument('[files...]').requiredOption('--team <name>', 'who has them')
    .option('--token <number>', 'the token that "acquire" printed, for one file', toToken)
    .option('--all', 'everything that the team has; it leaves every line, too')
    .action((files: string[], options: LockOptions, itself: Command) => run(options, (leases, absolute) => release(leases, files.map(absolute), options, itself)));
  command('wait', 'stand in line for a file until it can be had').argument('<file>').requiredOption('--team <name>', 'who waits')
    .option('--timeout <time>', 'give up after this (default: 60s)', toMs)
    .option('--duration <time>', 'how long the lease lasts then (default: 30s)', toMs)
    .option('--critical', 'on the critical path: before teams that are not')
    .action((file: string, options: LockOptions) => run(options, async (leases, absolute, { store }) => await refuseStranger(options.team, store) ?? waitFor(leases, absolute(file), options, context)));
  command('check', 'say whether a token is still valid').argument('<file>').requiredOption('--team <name>', 'who has it').requiredOption('--token <number>', 'the token', toToken)
    .action((file: string, options: LockOptions) => run(options, async (leases, absolute) => leaseAnswer('valid', one(await leases.checkToken(absolute(file), options.team, options.token ?? 0)))));
  command('list', 'show who has which file and who waits')
    .action((options: LockOptions) => run(options, async (leases) => listAnswer(await leases.list())));
  command('force-release', 'end a lease of another team by hand; leaves a line in file_locks.overrides.ndjson').argument('<file>').requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who does it (default: the user)')
    .action((file: string, options: LockOptions) => run(options, async (leases, absolute) => leaseAnswer('released', one(await leases.forceRelease(absolute(file), { by: options.by ?? context.environment.USER ?? 'unknown', reason: options.reason })))));
}

/** Not normalised: what `..` means after a link is for the file system to say. */
function toAbsolute(file: string, { cwd }: Pick<Orchestration, 'cwd'>): string {
  return path.isAbsolute(file) ? file : `${cwd}${path.sep}${file}`;
}

/** While there is a session, a lease of a team that is none of it would be a typing error, and nobody would release it. Null: it may have one. */
async function refuseStranger(team: string, store: OrchestratorStore): Promise<LockAnswer | null> {
  const read = await store.read();
  if (!read.ok) throw new OrchestratorTrouble(read.problem);
  const { coordination } = read.value;
  if (coordination === null || hasEnded(coordination)) return null;
  const teams = teamIds(coordination);
  return teams.includes(team) ? null : leaseAnswer('locked', { ok: false, refusal: { reason: 'team-unknown', team, teams }, faults: [] });
}

async function renew(leases: Leases, file: string | null, options: LockOptions, command: Command): Promise<LockAnswer> {
  const { team, token = null, duration = null } = options;
  if (file === null) {
    if (options.all !== true || token !== null || duration !== null) command.error('error: give the file, or --all alone');
    return leaseAnswer('renewed', await leases.renewAll(team));
  }
  if (options.all === true) command.error('error: give the file, or --all alone');
  return leaseAnswer('renewed', one(await leases.renewLock(file, team, token, duration)));
}

async function release(leases: Leases, files: readonly string[], options: LockOptions, command: Command): Promise<LockAnswer> {
  if (options.all === true ? files.length > 0 : files.length === 0) command.error('error: give the files, or --all');
  if (options.token !== undefined && files.length !== 1) command.error('error: --token is for one file');
  if (options.all === true) return leaseAnswer('released', await leases.releaseAll(options.team));
  const released: Lease[] = [];
  for (const file of files) {
    const result = await leases.releaseLock(file, options.team, options.token ?? null);
    if (!result.ok) return { ...leaseAnswer('released', result), lines: released.map((lease) => `released ${lease.file}`) };
    released.push(result.value);
  }
  return leaseAnswer('released', { ok: true, value: released, faults: [] });
}

async function waitFor(leases: Leases, file: string, options: LockOptions, { signal }: CommandContext): Promise<LockAnswer> {
  const result = await leases.waitForLock(file, options.team, { ...durationOf(options), timeoutMs: options.timeout ?? LEASE_LIMITS.waitMs, critical: options.critical === true, signal });
  // Granted while the signal came: nobody will be there to use it.
  if (!result.ok || !signal.aborted) return leaseAnswer('locked', one(result));
  await leases.releaseLock(file, options.team, result.value.token);
  return leaseAnswer('locked', { ok: false, refusal: { reason: 'cancelled' }, faults: result.faults });
}

function leaseAnswer(verb: 'locked' | 'renewed' | 'released' | 'valid', result: LockResult<readonly Lease[]>): LockAnswer {
  if (!result.ok) return { result, lines: [], document: {} };
  const lines = result.value.map(({ file, team, token, until }) => `${verb} ${file} ${verb === 'released' ? `of ${team}` : `token ${token} until ${until}`}`);
  return { result, lines: lines.length === 0 ? ['nothing was held'] : lines, document: { leases: result.value } };
}

function listAnswer(result: LockResult<readonly FileLock[]>): LockAnswer {
  if (!result.ok) return { result, lines: [], document: {} };
  const lines = result.value.map(({ file, holder, waiters }) => `${file} ${holder === null ? 'free' : `${holder.team} token ${holder.token} until ${holder.until}`}${waiters.length === 0 ? '' : `, waiting: ${waiters.map(({ team }) => team).join(', ')}`}`);
  return { result, lines: lines.length === 0 ? ['nothing is locked'] : lines, document: { locks: result.value } };
}

function one<T>(result: LockResult<T>): LockResult<readonly T[]> {
  return result.ok ? { ...result, value: [result.value] } : result;
}

function durationOf({ duration }: LockOptions): { durationMs?: number } {
  return duration === undefined ? {} : { durationMs: duration };
}

const MS_OF_UNIT = { ms: 1, s: 1_000, m: 60_000 } as const;

/** The unit is asked for, because 60 could be meant as seconds or as milliseconds. */
function toMs(text: string): number {
  const [, digits, unit] = /^(\d{1,9})(ms|s|m)$/.exec(text) ?? [];
  if (digits === undefined || unit === undefined) throw new InvalidArgumentError('Give a whole number and its unit: 500ms, 30s, 5m.');
  return Number(digits) * MS_OF_UNIT[unit as keyof typeof MS_OF_UNIT];
}

function toToken(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Give the number that "lock acquire" printed.');
  return Number(text);
}
