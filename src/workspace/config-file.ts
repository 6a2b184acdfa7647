import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { configSchema, type ParsedConfig } from '../model/config.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { describeConfigProblem } from './config-problem.ts';
import { isRecord, readPackageJson } from './package-json.ts';

export interface LoadConfigOptions {
  /** Absolute; see `findRoot`. */
  readonly root: string;
  /** What `--config` says, or null. */
  readonly explicit: string | null;
  /** What `explicit` is relative to; absolute. */
  readonly cwd: string;
}

export type ConfigResult =
  /** `file` is absolute; null when there is no configuration, which is an empty one. */
  | { readonly ok: true; readonly config: ParsedConfig; readonly file: string | null }
  /** One sentence a fault, a line each: the file, the path in it, what was found and expected. */
  | { readonly ok: false; readonly problem: string };

const NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((end) => `spark-gates.config.${end}`);
const PACKAGE_KEY = 'spark-gates';

interface Source {
  readonly file: string;
  /** How messages call it. */
  readonly shown: string;
  read(): Promise<Read>;
}
type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Finds, runs (where it is a program) and checks the configuration. Two of them are an error: neither could be told to win. */
export async function loadConfig(options: LoadConfigOptions): Promise<ConfigResult> {
  const sources = options.explicit === null ? findSources(options.root) : [explicitSource(options.explicit, options.cwd)];
  const [source, other] = sources;
  if (source === undefined) return { ok: true, config: {}, file: null };
  if (other !== undefined) return { ok: false, problem: `${source.shown} and ${other.shown} both configure spark-gates; keep one of them` };
  const read = await source.read();
  if (!read.ok) return { ok: false, problem: `${source.shown}: ${read.problem}` };
  const result = configSchema.safeParse(read.value);
  if (!result.success) return { ok: false, problem: describeConfigProblem(source.shown, read.value, result.error.issues) };
  return { ok: true, config: result.data, file: source.file };
}

function findSources(root: string): Source[] {
  const sources = NAMES.filter((name) => existsSync(path.join(root, name))).map((name) => fileSource(path.join(root, name), name));
  const json = readPackageJson(root);
  const value = json.kind === 'found' ? json.json.raw[PACKAGE_KEY] : undefined;
  if (value !== undefined) sources.push({ file: path.join(root, 'package.json'), shown: `package.json "${PACKAGE_KEY}"`, read: () => Promise.resolve({ ok: true, value }) });
  return sources;
}

function explicitSource(explicit: string, cwd: string): Source {
  const file = path.resolve(cwd, explicit);
  const stat = statSync(file, { throwIfNoEntry: false });
  const problem = stat === undefined ? 'there is no such file' : stat.isFile() ? null : 'is not a file';
  return problem === null ? fileSource(file, explicit) : { file, shown: explicit, read: () => Promise.resolve({ ok: false, problem }) };
}

function fileSource(file: string, shown: string): Source {
  return { file, shown, read: () => (/\.jsonc?$/.test(file) ? Promise.resolve(readJson(file)) : runModule(file)) };
}

function readJson(file: string): Read {
  const text = readTextIfThere(file) ?? '';
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined) return { ok: true, value };
  const before = text.slice(0, error.offset).split('\n');
  return { ok: false, problem: `is not valid JSON (${printParseErrorCode(error.error)} at line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)})` };
}

async function runModule(file: string): Promise<Read> {
  // Found also where the package itself is not installed (npx): all that a configuration imports from it is defineConfig.
  const self = new URL(import.meta.url.endsWith('.ts') ? '../model/config.ts' : '../model/config.js', import.meta.url);
  const jiti = createJiti(pathToFileURL(file).href, { fsCache: false, moduleCache: false, alias: { 'spark-gates': fileURLToPath(self) } });
  let loaded: unknown;
  try {
    // Node itself would run an .mjs, and give the first version of it ever after: a daemon must see the next one.
    loaded = file.endsWith('.mjs') ? await jiti.evalModule(readTextIfThere(file) ?? '', { filename: file.replace(/mjs$/, 'mts'), ext: '.mts', async: true }) : await jiti.import(file, { default: true });
  } catch (error) {
    return { ok: false, problem: `could not be loaded: ${error instanceof Error ? error.message : String(error)}` };
  }
  return { ok: true, value: isRecord(loaded) && 'default' in loaded ? loaded.default : loaded };
}
