import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { nodeRequest } from './runner-call.ts';
import type { Runner } from './suite-run.ts';

const DRIVER = fileURLToPath(new URL('./vitest-driver.mjs', import.meta.url));

/** Vitest compiles every pattern anew for every file. Folders serve as well, for what is too much is left out later. */
const INCLUDE_PATTERNS_MAX = 12;

/** The project's Vitest, through its Node API: `startVitest` has kept its signature since 0.34. */
export const runVitest: Runner = async (run, call, folders, context) => {
  const { tool } = run.suite;
  if (tool === null) return { ok: false, failure: { reason: 'engine-missing', engine: 'Vitest', install: `${run.install} vitest` } };
  const ended = await context.subprocess({
    ...nodeRequest(call, [DRIVER]),
    cwd: folders.suite,
    // Vitest keeps a folder there that it forgets when it is ended early.
    environment: { TMPDIR: folders.temp, TEMP: folders.temp, TMP: folders.temp, ...call.environment },
    input: JSON.stringify({
      packageFolder: tool.folder,
      folder: folders.suite,
      logFile: folders.logFile,
      related: run.related?.map((file) => path.join(context.workspace.root, file)) ?? null,
      configFile: run.configFile === null ? null : path.join(context.workspace.root, run.configFile),
      words: /^(?:run|watch|dev)$/.test(call.words[0] ?? '') ? call.words.slice(1) : call.words,
      slots: context.slots,
      coverage: run.sources.length === 0 ? null : { folder: folders.coverage, include: includePatterns(run.sources, run.suite.folder) },
    }),
  });
  return { ok: true, process: ended, coverage: run.sources.length === 0 ? 'none' : 'istanbul' };
};

/** What the project leaves open: count the sources of the teams, also those that no test loads. Relative to the suite. */
function includePatterns(sources: readonly string[], folder: string): readonly string[] {
  const inside = sources.map((file) => (folder === '' ? file : file.slice(folder.length + 1)));
  const [files, folders, roots] = [inside.map(escapeGlob), patterns(inside, (file) => path.posix.dirname(file), '*'), patterns(inside, topFolder, '**')];
  return [files, folders].find(({ length }) => length <= INCLUDE_PATTERNS_MAX) ?? roots;
}

function patterns(files: readonly string[], folderOf: (file: string) => string, rest: '*' | '**'): readonly string[] {
  return [...new Set(files.map((file) => (folderOf(file) === '.' ? '*' : `${escapeGlob(folderOf(file))}/${rest}`)))];
}

function topFolder(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '.';
}

function escapeGlob(file: string): string {
  return file.replace(/[\\*?[\](){}!@+|]/g, '\\$&');
}
