import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { parse, printParseErrorCode, visit, type ParseError } from 'jsonc-parser';
import { configSchema, type ParsedConfig } from '../model/config.ts';
import { LIMITS } from '../model/limits.ts';
import { readTextIfThere, statIfThere } from '../system/read-text.ts';
import { describeConfigProblem } from './config-problem.ts';
import { readModule } from './module-specifiers.ts';
import { readPackageJson } from './package-json.ts';

export interface LoadConfigOptions {
  /** Absolute; see `findRoot`. */
  readonly root: string;
  /** What `--config` says, or null. */
  readonly explicit: string | null;
  /** What `explicit` is relative to; absolute. */
  readonly cwd: string;
  /** Programs that were run before, where one process asks again and again. */
  readonly known?: KnownConfigs;
}

/** What programs came to, by their path and text. */
export type KnownConfigs = Map<string, unknown>;

export type ConfigResult =
  /** `file` is absolute; null when there is no configuration, which is an empty one. */
  | { readonly ok: true; readonly config: ParsedConfig; readonly file: string | null }
  /** One sentence a fault, a line each: the file, the path in it, what was found and expected. */
  | { readonly ok: false; readonly problem: string };

const NAMES = ['ts', 'mts', 'js', 'mjs', 'json'].map((end) => `spark-gates.config.${end}`);
const PACKAGE_KEY = 'spark-gates';

const NO_KEY = '"__proto__" cannot be a key, it would get lost; choose another name';

interface Source {
  readonly file: string;
  /** How messages call it. */
  readonly shown: string;
  read(): Promise<Read>;
}
type Read = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Finds, runs (where it is a program) and checks the configuration. Two of them are an error: neither could be told to win. */
export async function loadConfig(options: LoadConfigOptions): Promise<ConfigResult> {
  const sources = options.explicit === null ? findSources(options.root, options.known) : [fileSource(path.resolve(options.cwd, options.explicit), options.explicit, options.known)];
  const [source, other] = sources;
  if (source === undefined) return { ok: true, config: {}, file: null };
  if (other !== undefined) return { ok: false, problem: `${source.shown} and ${other.shown} both configure spark-gates; keep one of them` };
  const read = await source.read();
  if (!read.ok) return { ok: false, problem: `${source.shown}: ${read.problem}` };
  if (hasLostKey(read.value)) return { ok: false, problem: `${source.shown}: ${NO_KEY}` };
  const result = configSchema.safeParse(read.value);
  if (!result.success) return { ok: false, problem: describeConfigProblem(source.shown, read.value, result.error.issues) };
  return { ok: true, config: result.data, file: source.file };
}

function findSources(root: string, known?: KnownConfigs): Source[] {
  const sources = NAMES.filter((name) => existsSync(path.join(root, name))).map((name) => fileSource(path.join(root, name), name, known));
  const json = readPackageJson(root);
  const value = json.kind === 'found' ? json.json.raw[PACKAGE_KEY] : undefined;
  if (value !== undefined) sources.push({ file: path.join(root, 'package.json'), shown: `package.json "${PACKAGE_KEY}"`, read: () => Promise.resolve({ ok: true, value }) });
  return sources;
}

function fileSource(file: string, shown: string, known?: KnownConfigs): Source {
  return {
    file,
    shown,
    async read() {
      const stat = await statIfThere(file);
      if (stat?.isFile() !== true) return { ok: false, problem: stat === null ? 'there is no such file' : 'this is not a file; give the path of a configuration file' };
      return /\.jsonc?$/.test(file) ? readJson(file) : known === undefined ? runModule(file) : runUnknown(file, known);
    },
  };
}

function readJson(file: string): Read {
  const text = readTextIfThere(file) ?? '';
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [error] = errors;
  if (error === undefined) {
    const keys = new Set<string>();
    visit(text, { onObjectProperty: (key) => { keys.add(key); } });
    return keys.has('__proto__') ? { ok: false, problem: NO_KEY } : { ok: true, value };
  }
  const before = text.slice(0, error.offset).split('\n');
  return { ok: false, problem: `is not valid JSON (${printParseErrorCode(error.error)} at line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)})` };
}

/** A key that neither the parser of JSONC nor the schema would let through, so that a team of that name would be nobody's concern. */
function hasLostKey(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, '__proto__') || Object.values(value).some(hasLostKey);
}

/** Whatever else a program may look at to come to another result: another module, the environment, the time. */
const LOOKS_AROUND = /\b(?:process|globalThis|global|require|import\s*\(|import\.meta|eval|Function|Date|Math|Intl|performance|crypto|fetch|navigator|WebAssembly|Atomics|Worker)\b/;

/** One that looks at nothing but itself comes to the same again. */
async function runUnknown(file: string, known: KnownConfigs): Promise<Read> {
  const text = readTextIfThere(file);
  const isAlone = text !== null && !LOOKS_AROUND.test(text) && readModule(file, text).specifiers.every(({ specifier }) => specifier === 'spark-gates');
  if (!isAlone) return runModule(file);
  const key = `${file}\0${text}`;
  if (known.has(key)) return { ok: true, value: structuredClone(known.get(key)) };
  const read = await runModule(file);
  if (read.ok) {
    known.clear();
    known.set(key, structuredClone(read.value));
  }
  return read;
}

/** In a thread, because it is a program: one that exits, hangs or takes all memory is a faulty configuration and nothing worse. */
async function runModule(file: string): Promise<Read> {
  const self = new URL(import.meta.url.endsWith('.ts') ? '../model/config.ts' : '../model/config.js', import.meta.url);
  const thread = new Worker(new URL('config-thread.mjs', import.meta.url), {
    workerData: { file, self: fileURLToPath(self) },
    resourceLimits: { maxOldGenerationSizeMb: LIMITS.configHeapMegabytesMax },
  });
  const limit = setTimeout(() => { void thread.terminate(); }, LIMITS.configLoadMs);
  const startedMs = performance.now();
  try {
    return await new Promise<Read>((resolve) => {
      thread.once('message', (message: { value: unknown } | { problem: string }) => {
        resolve('problem' in message ? { ok: false, problem: message.problem } : { ok: true, value: message.value });
      });
      thread.once('error', (error) => { resolve({ ok: false, problem: `could not be loaded: ${error.message}` }); });
      thread.once('exit', (code) => {
        const isLate = performance.now() - startedMs >= LIMITS.configLoadMs;
        const why = isLate ? `it takes longer than ${String(LIMITS.configLoadMs / 1000)} s` : `it ends the process with exit code ${String(code)}`;
        resolve({ ok: false, problem: `could not be loaded: ${why}; it must only export the configuration` });
      });
    });
  } finally {
    clearTimeout(limit);
    await thread.terminate();
  }
}
