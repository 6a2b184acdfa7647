/** A word as the shell would hand it over, and as it is written. */
export interface ShellWord {
  readonly text: string;
  readonly raw: string;
}

/** A simple command: a program and its arguments. */
export interface ShellCommand {
  /** As written, redirections included. */
  readonly text: string;
  readonly words: readonly ShellWord[];
}

/** Outside quotes these make more of a line than commands joined by `&&`. */
const CONTROL = /[;|&()`\n]/;
/** Words that begin something else than a simple command, and commands that change the shell for those after them. */
const SPECIAL = new Set([
  '!', '{', '[[', 'if', 'for', 'while', 'until', 'case', 'select', 'function',
  'cd', 'pushd', 'popd', 'export', 'set', 'shopt', 'unset', 'source', '.', 'eval', 'exec', 'alias', 'trap', 'umask', 'ulimit', 'exit', 'return',
]);

/**
 * The commands of a line that is nothing but simple commands joined by `&&`, so that running them one by one until one fails
 * is running the line. Null for every other line, also for one whose commands depend on each other's shell.
 */
export function readSequence(line: string): readonly ShellCommand[] | null {
  const commands: ShellCommand[] = [];
  for (const text of splitAtAnd(line)) {
    const words = text === null ? [] : readWords(text);
    const [first] = words;
    if (text === null || first === undefined || SPECIAL.has(first.text) || words.every(({ text: word }) => isAssignment(word))) return null;
    commands.push({ text: text.trim(), words });
  }
  return commands;
}

export function isAssignment(word: string): boolean {
  return /^[A-Za-z_]\w*=/.test(word);
}

/** The simple commands of any line, each as its words without quotes; how they are joined is not told. */
export function splitCommands(line: string): string[][] {
  const commands: string[][] = [[]];
  for (const [token] of line.matchAll(/&&|\|\||[;|&\n]|(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s;|&"'\\])+/gs)) {
    if (/^(?:&&|\|\||[;|&\n])$/.test(token)) commands.push([]);
    else commands.at(-1)?.push(unquote(token));
  }
  return commands.filter((words) => words.length > 0);
}

/** The parts between `&&`; null among them for a line that has any other structure, or a quote that is never closed. */
function splitAtAnd(line: string): readonly (string | null)[] {
  const parts: string[] = [];
  let part = '';
  for (const [token] of line.trim().matchAll(/"(?:\\.|[^"\\])*"|'[^']*'|\\.|[<>]&|&>|&&|\s#|[^]/gs)) {
    if (token === '&&') {
      parts.push(part);
      part = '';
    } else if (/^["'#]$|^\s#$/.test(token) || (token.length === 1 && CONTROL.test(token))) {
      return [null];
    } else part += token;
  }
  return [...parts, part];
}

/** A redirection counts as words too: whoever reads them has to look for one. */
function readWords(text: string): readonly ShellWord[] {
  return [...text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/gs)].map(([raw]) => ({ raw, text: unquote(raw) }));
}

function unquote(word: string): string {
  return word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, escaped?: string) =>
    double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\$`])/g, '$1'));
}
