import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

/** typescript-eslint's parser as a configuration loaded it. */
export interface TypeScriptParser {
  /** Real absolute folder of the TypeScript that it parses with, or null when that can't be told. */
  readonly typescriptFolder: string | null;
  clearCaches(): void;
  /**
   * Has it forget which files it has parsed: in a run by command line it takes a second time for one of a fix, and types the file all by
   * itself. False when this version can't.
   */
  forgetParsed(): boolean;
}

interface ParserModule {
  readonly parseForESLint?: unknown;
  readonly clearCaches?: () => void;
}

const PARSER_FILE = /@typescript-eslint[\\/]parser[\\/]dist[\\/]index\.js$/;

/**
 * The typescript-eslint that a computed configuration parses with, or null when it parses with something else. The object in a
 * configuration does not say where it came from, so we look for it among the loaded modules.
 */
export function typeScriptParserOf(parser: unknown): TypeScriptParser | null {
  if (!isParserModule(parser)) return null;
  const require = createRequire(import.meta.url);
  for (const [file, loaded] of Object.entries(require.cache)) {
    if (!PARSER_FILE.test(file)) continue;
    const exports: unknown = loaded?.exports;
    if (!isParserModule(exports) || exports.parseForESLint !== parser.parseForESLint) continue;
    return { typescriptFolder: typescriptSeenFrom(file), clearCaches: () => exports.clearCaches?.(), forgetParsed: () => forgetParsed(file, require.cache) };
  }
  return null;
}

function isParserModule(value: unknown): value is ParserModule {
  return typeof value === 'object' && value !== null && 'parseForESLint' in value && typeof value.parseForESLint === 'function';
}

interface CallCounter {
  readonly clearParseAndGenerateServicesCalls?: () => void;
}

function forgetParsed(parserFile: string, loaded: NodeJS.Dict<NodeJS.Module>): boolean {
  const counter = loaded[path.join(path.dirname(createRequire(parserFile).resolve('@typescript-eslint/typescript-estree')), 'parser.js')]?.exports as CallCounter | undefined;
  if (counter?.clearParseAndGenerateServicesCalls === undefined) return false;
  counter.clearParseAndGenerateServicesCalls();
  return true;
}

function typescriptSeenFrom(parserFile: string): string | null {
  try {
    const estree = createRequire(parserFile).resolve('@typescript-eslint/typescript-estree');
    return realpathSync(path.dirname(createRequire(estree).resolve('typescript/package.json')));
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'MODULE_NOT_FOUND' || error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED')) return null;
    throw error;
  }
}
