import { createRequire } from 'node:module';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { parse as parseJsonc, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { parse as parseYaml, YAMLError } from 'yaml';
import { z } from 'zod';
import type { Failure } from '../../src/model/failure.ts';
import type { Workspace } from '../../src/model/workspace.ts';
import { installLine } from '../engines/install-line.ts';

const PRESET = '@secretlint/secretlint-rule-preset-recommend';

/** Rules with their code, as secretlint's core takes them. */
export type SecretlintConfig = Parameters<typeof lintSource>[0]['options']['config'];

/** What secretlint does where a project has no configuration. */
export const DEFAULT_CONFIG: SecretlintConfig = { rules: [{ id: PRESET, rule: creator }] };

const SCRIPT = /\.[cm]?js$/;

const configSchema = z.object({ sharedOptions: z.looseObject({}).optional(), rules: z.array(z.looseObject({ id: z.string().min(1) })).min(1) });

/** `modules`: absolute paths of the project's code that was loaded for it. */
export type LoadedConfig = { readonly ok: true; readonly config: SecretlintConfig; readonly modules: readonly string[] } | { readonly ok: false; readonly failure: Failure };

/** The project's `.secretlintrc.*` or `secretlint` key of package.json, with its rules as the project has them installed. */
export async function loadSecretlintConfig(workspace: Workspace, file: string): Promise<LoadedConfig> {
  const problem = (detail: string): LoadedConfig => ({ ok: false, failure: { reason: 'project-config', file, detail } });
  const read = await readDocument(path.join(workspace.root, file));
  if (!read.ok) return problem(read.problem);
  const parsed = configSchema.safeParse(path.basename(file) === 'package.json' ? sectionOf(read.document) : read.document);
  if (!parsed.success) return problem(`no secretlint configuration: ${z.prettifyError(parsed.error)}`);
  const rules: object[] = [];
  const modules = SCRIPT.test(file) ? [path.join(workspace.root, file)] : [];
  for (const entry of parsed.data.rules) {
    const loaded = await loadRule(entry.id, workspace.root);
    if (loaded === null) return { ok: false, failure: { reason: 'engine-missing', engine: `secretlint's rule ${entry.id}, which ${file} asks for,`, install: installLine(workspace, `secretlint ${entry.id}`) } };
    if ('problem' in loaded) return problem(`its rule ${entry.id} cannot be loaded: ${loaded.problem}`);
    rules.push({ ...entry, rule: loaded.creator });
    if (loaded.file !== null) modules.push(loaded.file);
  }
  // Beyond the ids, each rule reads its own options; secretlint's types cannot know them either.
  return { ok: true, config: { ...parsed.data, rules } as unknown as SecretlintConfig, modules };
}

function sectionOf(manifest: unknown): unknown {
  return typeof manifest === 'object' && manifest !== null && 'secretlint' in manifest ? manifest.secretlint : undefined;
}

type ReadDocument = { readonly ok: true; readonly document: unknown } | { readonly ok: false; readonly problem: string };

async function readDocument(absolute: string): Promise<ReadDocument> {
  if (SCRIPT.test(absolute)) {
    try {
      const module = (await import(pathToFileURL(absolute).href)) as { default?: unknown };
      return { ok: true, document: module.default };
    } catch (error) {
      // Whatever the user's own code throws is what is wrong with it.
      return { ok: false, problem: `it throws: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
  const text = await readFile(absolute, 'utf8');
  if (absolute.endsWith('.json')) {
    const errors: ParseError[] = [];
    const document: unknown = parseJsonc(text, errors, { allowTrailingComma: true });
    return errors[0] === undefined ? { ok: true, document } : { ok: false, problem: `no JSON: ${printParseErrorCode(errors[0].error)} at character ${String(errors[0].offset + 1)}` };
  }
  try {
    return { ok: true, document: parseYaml(text) };
  } catch (error) {
    if (error instanceof YAMLError) return { ok: false, problem: `no YAML: ${error.message}` };
    throw error;
  }
}

async function loadRule(id: string, root: string): Promise<{ readonly creator: unknown; readonly file: string | null } | { readonly problem: string } | null> {
  const resolve = createRequire(path.join(root, 'package.json')).resolve;
  const found = namesOf(id).map((name) => resolved(resolve, name)).find((file) => file !== null);
  if (found === undefined) return namesOf(id).includes(PRESET) ? { creator, file: null } : null;
  try {
    const module = (await import(pathToFileURL(found).href)) as { creator?: unknown };
    return module.creator === undefined ? { problem: 'it exports no creator' } : { creator: module.creator, file: found };
  } catch (error) {
    // A rule is foreign code: anything it throws is the reason.
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** `example` is short for `secretlint-rule-example`, `@scope/example` for `@scope/secretlint-rule-example`. */
function namesOf(id: string): string[] {
  const scoped = /^(@[^/]+)\/(.+)$/.exec(id);
  return [id, scoped === null ? `secretlint-rule-${id}` : `${scoped[1] ?? ''}/secretlint-rule-${scoped[2] ?? ''}`];
}

function resolved(resolve: NodeJS.RequireResolve, name: string): string | null {
  try {
    return resolve(name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')) return null;
    throw error;
  }
}
