import { RELAY_FOLDER } from '../model/relay-files.ts';

/** How agents reach the relay from where they are started: it may be elsewhere than a bare command would look for it. */
export interface Reach {
  /** The relay's folder, as agents are told it. */
  readonly folder: string;
  /** What every command needs to be told besides, quoted for the shell; empty where it finds the relay by itself. */
  readonly options: string;
}

export const PLAIN_REACH: Reach = { folder: RELAY_FOLDER, options: '' };

/** A command line that acts on this relay. */
export function commandLine(words: string, { options }: Reach): string {
  return `spark-gates ${words}${options === '' ? '' : ` ${options}`}`;
}
