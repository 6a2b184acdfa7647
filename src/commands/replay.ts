import { realpathSync } from 'node:fs';
import type { TreeLook } from '../cache/tree-look.ts';
import { findReplay, replayedEvents, requestKey } from '../cache/replay.ts';
import { cacheFolder } from '../system/cache-folder.ts';
import { systemDisk } from '../system/disk.ts';
import { isMissing } from '../system/read-text.ts';
import type { CommandContext, ExitCode } from './command-context.ts';
import { readSource } from './read-source.ts';

/** Words that ask for something else than the report of a run. */
const NO_REPLAY = new Set(['--no-cache', '--why', '-h', '--help']);

/** How a report is shown, and how fast it comes about, is nothing that it says. */
const ABOUT_SHOWING = /^--(?:reporter|jobs)$/;

/** Who runs it is nothing either. */
const ABOUT_PLACE = /^--(?:no-)?daemon$/;

/** The words that decide what a run reports; null for words that are no run, or one that has to run. */
export function replayWords(args: readonly string[]): { readonly words: readonly string[]; readonly reporter: string } | null {
  const [command, ...rest] = args;
  if (command !== 'run' || rest.some((word) => NO_REPLAY.has(word))) return null;
  const words: string[] = [];
  let reporter = 'pretty';
  let leftOut: string | null = null;
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? '';
    if (word === '--') return { words: [...words, ...rest.slice(index)], reporter };
    const [name = '', ...values] = word.split('=');
    if (ABOUT_PLACE.test(name)) leftOut = name;
    else if (ABOUT_SHOWING.test(name)) {
      const value = values.length > 0 ? values.join('=') : rest[++index];
      if (name === '--reporter') reporter = value ?? '';
      leftOut = name;
    } else {
      // It ended the values of an option: without it, a path behind it would be one of them.
      if (leftOut !== null && !word.startsWith('-') && words.some((before) => before.startsWith('-'))) words.push(leftOut);
      words.push(word);
      leftOut = null;
    }
  }
  return { words, reporter };
}

export type Replay =
  | { readonly kind: 'shown'; readonly exitCode: ExitCode }
  /** With what was seen of the tree, if anything was looked at. */
  | { readonly kind: 'to be run'; readonly look: TreeLook | null };

/**
 * Shows the report of an earlier run again where nothing has changed since. Loads nothing but what that takes: most of the time
 * of a run in which every result was kept goes by while engines are loaded.
 */
export async function tryReplay(args: readonly string[], context: CommandContext): Promise<Replay> {
  let look: TreeLook | null = null;
  const exitCode = await show(args, context, (seen) => { look = seen; });
  return exitCode === null ? { kind: 'to be run', look } : { kind: 'shown', exitCode };
}

async function show(args: readonly string[], context: CommandContext, onLook: (look: TreeLook) => void): Promise<ExitCode | null> {
  const asked = replayWords(args);
  const folder = cacheFolder(context.environment);
  const cwd = realIfThere(context.cwd);
  if (asked === null || folder === null || cwd === null) return null;
  const { stdout, stderr, colour, live, unicode, clock, environment } = context;
  const startedMs = clock.monotonicMs();
  const record = await findReplay(requestKey(cwd, asked.words), { folder, environment, clock, disk: systemDisk, memory: context.kept?.memory, onLook });
  if (record === null) return null;
  const { loadReporter } = await import('../reporters/load.ts');
  const create = await loadReporter(asked.reporter);
  if (create === null) return null;
  const reporter = create({ stdout, stderr, colour, live, unicode, clock, readSource });
  let isOk = false;
  for (const event of replayedEvents(record, clock.monotonicMs() - startedMs)) {
    reporter.onEvent(event);
    if (event.type === 'run-finished') isOk = event.report.ok;
  }
  await reporter.finish();
  await stdout.flush();
  await stderr.flush();
  return isOk ? 0 : 1;
}

function realIfThere(folder: string): string | null {
  try {
    return realpathSync(folder);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}
