/** One command of a package script, split as a POSIX shell would split it. */
export interface ScriptCommand {
  /** Assignments before the program, also those of cross-env and the like. */
  readonly environment: Readonly<Record<string, string>>;
  /** The program as written, and what follows it. */
  readonly program: string;
  readonly words: readonly string[];
}

const MANAGERS = new Set(['npm', 'pnpm', 'yarn', 'bun']);

/**
 * The command of a script that starts the given program, found through `npm run other` and wrappers. Null when none does,
 * and when several do: their words cannot be joined, so the runner's own defaults, which run every test, serve better.
 */
export function commandOf(scripts: Readonly<Record<string, string>>, name: string, isProgram: (word: string) => boolean): ScriptCommand | null {
  const found = collect(scripts, name, isProgram, new Set());
  const [first] = found;
  return first === undefined || found.length > 1 ? null : first;
}

/** The same options, without the program's names for "run once". */
export function withoutVerb(words: readonly string[], verbs: readonly string[]): readonly string[] {
  return verbs.includes(words[0] ?? '') ? words.slice(1) : words;
}

function collect(scripts: Readonly<Record<string, string>>, name: string, isProgram: (word: string) => boolean, seen: Set<string>): readonly ScriptCommand[] {
  if (seen.has(name)) return [];
  seen.add(name);
  return splitCommands(scripts[name] ?? '').flatMap((words): readonly ScriptCommand[] => {
    const at = words.findIndex(isProgram);
    const program = words[at];
    if (program !== undefined) return [{ environment: assignments(words.slice(0, at)), program, words: words.slice(at + 1) }];
    if (!MANAGERS.has(words[0] ?? '')) return [];
    const next = words.slice(1).find((word) => word !== 'run' && !word.startsWith('-'));
    return next === undefined ? [] : collect(scripts, next, isProgram, seen);
  });
}

function assignments(words: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(words.flatMap((word) => {
    const match = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
    return match?.[1] === undefined ? [] : [[match[1], match[2] ?? '']];
  }));
}

/** Commands between `&&`, `||`, `;`, `|` and `&`; quotes and backslashes taken off. */
export function splitCommands(script: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  const token = /(&&|\|\||[;|&\n])|((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\;|&])+)/gs;
  for (const [, operator, word] of script.matchAll(token)) {
    if (operator !== undefined) commands.push([]);
    else if (word !== undefined) commands.at(-1)?.push(unquote(word));
  }
  return commands.filter((words) => words.length > 0);
}

function unquote(word: string): string {
  return word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_all, double?: string, single?: string, escaped?: string) =>
    double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\$`])/g, '$1'));
}
