import path from 'node:path';
import type { ESLint } from 'eslint';
import type { Finding } from '../../../src/model/finding.ts';
import type { KeptLane, RunContext } from '../../../src/model/run-context.ts';
import { KeptResults } from '../kept-results.ts';
import { guardTree } from '../tree-guards.ts';
import type { ProjectProgram } from '../typescript/program.ts';
import type { EslintParams } from './lint.ts';
import { selectFiles, type SelectedFile } from './select-files.ts';
import { looksAtOneFile } from './single-file-rules.ts';

/** What linting one file gave. */
export interface LintedFile {
  readonly findings: readonly Finding[];
  /** Its workspace-relative name, or nothing when it lies outside. */
  readonly inspected: readonly string[];
  /** It may be found to be something else on another day. */
  readonly isDated: boolean;
}

interface StampedFile extends LintedFile {
  /** Of the types that its rules saw. */
  readonly stamp: number;
  /** When it was linted. */
  readonly day: number;
}

/** Of files whose rules ask for no types. */
const UNTYPED = -1;

/** What is known from earlier runs in a kept lane: which files ESLint lints, and what each was linted to. */
export interface KeptLint {
  /** Of the candidates those that ESLint would lint. Only new names are asked about: the configuration is as it was, or the thread would not be. */
  select(eslint: ESLint, candidates: readonly string[]): Promise<SelectedFile[]>;
  /** `project`: whose types its rules see; null when typescript-eslint makes its own, undefined when they ask for none. */
  get(file: string, project: ProjectProgram | null | undefined): LintedFile | undefined;
  set(file: string, project: ProjectProgram | null | undefined, linted: LintedFile): void;
}

/** `day`: today. */
export function keptLint(params: EslintParams, context: RunContext, { kept, day }: { readonly kept: KeptLane; readonly day: number }): KeptLint {
  const { root } = context.workspace;
  const { config, folder, isNamed, eslint } = params;
  const name = `eslint:${config ?? ''}:${folder}`;
  const key = JSON.stringify([config, folder, isNamed, eslint]);
  const results = new KeptResults<StampedFile>(context, name, key);
  const known = (context.lane.get(`${name}:selection`) ?? new Map<string, SelectedFile | null>()) as Map<string, SelectedFile | null>;
  context.lane.set(`${name}:selection`, known);
  return {
    async select(instance, candidates) {
      const unknown = candidates.filter((file) => !known.has(file));
      for (const file of unknown) known.set(file, null);
      const added = await selectFiles(instance, unknown, true);
      for (const file of added) known.set(file.path, file);
      if (added.some(({ computed, rules }) => !looksAtOneFile(computed, rules))) guardTree(kept);
      return candidates.map((file) => known.get(file) ?? null).filter((file) => file !== null);
    },
    get(file, project) {
      const found = results.get(path.relative(root, file));
      return found !== undefined && found.stamp === stampOf(file, project) && (!found.isDated || found.day === day) ? found : undefined;
    },
    set(file, project, linted) {
      const stamp = stampOf(file, project);
      if (stamp !== null) results.set(path.relative(root, file), { ...linted, stamp, day });
    },
  };
}

/** Null when nobody knows what types it saw. */
function stampOf(file: string, project: ProjectProgram | null | undefined): number | null {
  if (project === undefined) return UNTYPED;
  return project?.checked?.stampOf(file) ?? null;
}
