import path from 'node:path';

/** A word of a text that may be a path or the name of a package. */
export interface PathWord {
  readonly word: string;
  /** It goes on with what only a run can tell: `./rules/git-` of `./rules/git-${name}.js`. */
  readonly isOpen: boolean;
  /** It can mean nothing but what lies in the folder of its file, or is named from there. */
  readonly isOwn: boolean;
}

/** Lists of what is linted or bundled, and commands of gates: nothing in them is loaded by a linter. */
const NOT_LOADED = new RegExp([
  /(?:\b(?:files|ignores|ignorePatterns|excludedFiles|includes?|excludes?|allowDefaultProject|entry|command)["']?\s*:|\bglobalIgnores\()\s*/,
  /(?:\[(?:[\s,]|'[^'\n]*'|"[^"\n]*"|\/\/[^\n]*\n)*\]|'[^'\n]*'|"[^"\n]*"|(?:- [^\n:]*\s*)+)/,
].map(({ source }) => source).join(''), 'g');
const RUNS = /[^\s,;:=|<>(){}[\]!?&^$]+/g;
/** Before a path that is loaded as it stands there. */
const LOADS = /\b(?:from|import|require)\s*(?:\(\s*)?$/;
const GOES_ON = /^\s*(?:\+|\.concat\()/;
/** No path is longer. */
const WORD_MAX = 1_024;

/**
 * What stands between two quotes of any kind as a whole, and each run in it: which quotes belong together only a parser could tell, and
 * there is no need to. A script names nothing by a word without quotes and slashes, a setting nothing by its own name, and a pattern
 * loads nothing.
 */
export function pathWords(text: string, isScript: boolean): Iterable<PathWord> {
  const words = new Map<string, PathWord>();
  const pieces = text.replace(NOT_LOADED, ' ').split(/['"`]/);
  for (const [at, piece] of pieces.entries()) {
    if (isPattern(piece) && !/\s/.test(piece)) continue;
    const isWhole = piece.length <= WORD_MAX && !/\n|\$\{/.test(piece);
    const isLoaded = LOADS.test((pieces[at - 1] ?? '').slice(-20));
    const next = pieces[at + 1] ?? '';
    const add = (word: string, isOpen: boolean): void => {
      const isOwn = (isLoaded && word.startsWith('.')) || (isOpen && !word.includes('/'));
      if (!/^[\s./]*$/.test(word)) words.set(`${word} ${String(isOpen)} ${String(isOwn)}`, { word, isOpen, isOwn });
      // A folder alone: all in it may be meant, or nothing.
      else if (word.startsWith('.') && (isLoaded || (isOpen && word.endsWith('/')))) words.set(`${word} alone`, { word: path.posix.join(word, '/'), isOpen: true, isOwn: true });
    };
    if (isWhole && (isScript || piece.includes('/') || !/^\s*:/.test(next))) add(piece, GOES_ON.test(next));
    if (isWhole && isLoaded) continue;
    for (const { 0: chunk, index } of piece.matchAll(/\S+/g)) {
      if (isPattern(chunk) || chunk.length > WORD_MAX) continue;
      if (chunk.includes('/') && !chunk.includes('${')) add(chunk, false);
      for (const { 0: run, index: offset } of chunk.matchAll(RUNS)) {
        const start = index + offset;
        const end = start + run.length;
        const isAtEnd = end === piece.length;
        const isQuoted = start === 0 || isAtEnd;
        const isKey = isAtEnd ? /^\s*:/.test(next) : /^:(?:\s|$)/.test(piece.slice(end, end + 2));
        if (run.includes('/') || (isScript ? isQuoted : !isKey)) add(run, piece.startsWith('${', end) || (isAtEnd && GOES_ON.test(next)));
      }
    }
  }
  return words.values();
}

/** A product within a template makes no pattern of it. */
function isPattern(text: string): boolean {
  return text.includes('*') && text.replace(/\$\{[^}]*\}/g, '').includes('*');
}
