import { InvalidArgumentError, Option, type Command } from 'commander';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { PresetName } from '../model/config.ts';
import { GATE_IDS, type GateId } from '../model/gate.ts';
import { GATE_LABELS } from '../reporters/pretty/palette.ts';
import type { RunRequest } from '../runner/index.ts';
import type { CommandContext } from './command-context.ts';
import { nearest } from './nearest.ts';
import { locateRepository } from './locate-repository.ts';

/** What `run`, `plan`, `gates` and `doctor` have in common: which tree, which configuration, which teams and gates. */
export interface WorkspaceOptions {
  readonly cwd?: string;
  readonly config?: string;
  readonly preset?: PresetName;
  readonly team?: Readonly<Record<string, readonly string[]>>;
  readonly only?: readonly string[];
  readonly gate?: readonly GateId[];
  readonly changed?: boolean;
  readonly files?: readonly string[];
  readonly base?: string;
}

type Teams = Readonly<Record<string, readonly string[]>>;

export function addWorkspaceOptions(command: Command): Command {
  return command
    .option('--team <name=glob[,glob]>', 'a team and the files it owns; give it once per team', parseTeam)
    .option('--only <team...>', 'judge only these teams; the others stay owners of their files')
    .addOption(new Option('--gate <id...>', 'only these gates, by name or as reports call them: types, lint (default: all eight; syntax, types, lint, security and docs with --changed or --files)').argParser(parseGate))
    .addOption(new Option('--changed', 'only what has changed since the base commit and what depends on it, by the fast gates').conflicts('files'))
    .option('--files <file...>', 'only these files and what depends on them, by the fast gates')
    .option('--base <commit>', 'the commit that "changed" is relative to (default: that of the configuration, or HEAD)')
    .addOption(new Option('--preset <name>', 'defaults of all gates').choices(['recommended', 'spark']))
    .option('--config <file>', 'configuration file (default: spark-gates.config.* or package.json in the root)')
    .option('--cwd <dir>', 'a folder of the repository to check (default: this one)');
}

/** The request that the words on the command line make, and what was assumed on the way. */
export async function toRequest(paths: readonly string[], options: WorkspaceOptions, context: CommandContext): Promise<{ request: RunRequest; notes: readonly string[] }> {
  const cwd = path.resolve(context.cwd, options.cwd ?? '.');
  const located = await locateRepository(cwd, paths, context.environment);
  // An explicit configuration file is meant from where it was typed, also when the repository is elsewhere.
  const config = options.config === undefined ? null : path.resolve(cwd, options.config);
  return {
    request: {
      cwd: located.cwd,
      config,
      preset: options.preset ?? null,
      teams: options.team ?? null,
      only: options.only ?? null,
      paths: located.paths,
      gates: options.gate === undefined ? null : GATE_IDS.filter((id) => options.gate?.includes(id)),
      scope: options.changed === true ? { kind: 'changed' } : options.files === undefined ? null : { kind: 'files', files: options.files.map((file) => path.resolve(context.cwd, file)) },
      base: options.base ?? null,
      environment: context.environment,
    },
    notes: located.notes,
  };
}

/** `api=src/api/**,lib/{a,b}.ts`: commas within braces belong to the glob. A team given twice owns both. */
function parseTeam(value: string, earlier: Teams | undefined): Teams {
  const equals = value.indexOf('=');
  const name = value.slice(0, Math.max(0, equals));
  const globs = equals === -1 ? [] : splitOutsideBraces(value.slice(equals + 1));
  if (!/^[^\s=,]+$/.test(name) || globs.length === 0 || globs.includes('')) {
    throw new InvalidArgumentError("Write it as NAME=GLOB[,GLOB], for example --team api='src/api/**'.");
  }
  const known = earlier !== undefined && Object.hasOwn(earlier, name) ? (earlier[name] ?? []) : [];
  return { ...earlier, [name]: [...known, ...globs] };
}

function splitOutsideBraces(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ',' && depth <= 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${character}`);
  }
  return parts.map((part) => part.trim());
}

export function parseGate(value: string, earlier: readonly GateId[] | undefined): readonly GateId[] {
  return value.split(',').reduce<readonly GateId[]>((gates, word) => [...gates, gateOf(word)], earlier ?? []);
}

function gateOf(word: string): GateId {
  const gate = GATE_IDS.find((id) => id === word || GATE_LABELS[id] === word);
  if (gate !== undefined) return gate;
  const meant = nearest(word, [...GATE_IDS, ...Object.values(GATE_LABELS)]);
  const hint = meant !== null ? `Did you mean ${meant}? ` : existsSync(word) ? `Write paths before --gate, or after "--". ` : '';
  throw new InvalidArgumentError(`There is no gate ${JSON.stringify(word)}. ${hint}The gates are ${GATE_IDS.join(', ')}.`);
}
