import path from 'node:path';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { isScanned, isShell } from './file-kinds.ts';
import { isIdle } from './outside-paths.ts';

/** What a file's text says about what it depends on besides the files of the tree. */
export interface Mentions {
  /** Words in it that may be names of variables of the environment, or with `_` at their end what such names begin with. */
  readonly names: readonly string[];
  /** Words in it that may be names of programs: of scripts and commands. */
  readonly programs: readonly string[];
  /** It may ask git about the repository. */
  readonly usesGit: boolean;
  /** Paths in it that lead out of the root, posix, relative to the root or absolute: `../shared/base`, `../shared/*`, `/opt/base`. */
  readonly outside: readonly string[];
}

export const NO_MENTIONS: Mentions = { names: [], programs: [], usesGit: false, outside: [] };

/** A larger text is generated, and names nothing by hand. */
const CHARS_MAX = 2 * 1024 * 1024;

/**
 * Any word in capitals, whatever stands around it: `process.env.X` is only one way to get at a variable, and a word too many
 * costs a miss at most. Names in small letters are seen where they follow `env.` or `$`, and npm's own wherever they stand.
 */
const NAMES = /\b[A-Z][A-Z0-9_]{1,63}\b|\bnpm_[a-z0-9_]{2,60}\b|(?<=\benv\??\.)[A-Za-z_]\w*|(?<=\benv(?:\?\.)?\[['"`])[A-Za-z_]\w*/g;
const EXPANDED = /\$\{?([A-Za-z_]\w+)/g;
/** The environment as a whole, or by a name that is worked out or given as an argument: then any word of the file may be a name. */
const WHOLE_ENVIRONMENT = /\benv\b(?!\??\.(?!(?:get|has|toObject)\b)[A-Za-z_]|(?:\?\.)?\[(?:['"]|`[A-Za-z_]))|[Ee]nviron\b|[Gg]et_?[Ee]nv|LookupEnv|\bENV\b/;
const WORDS = /\b[A-Za-z_]\w+/g;
const GIT = new RegExp([
  // A program by its name, but not the kind of a package's repository.
  /(?<!["']type["']\s{0,4}:\s{0,4}["'])(?<![\w.@-])git['"`]/,
  /(?<![\w.@-])git\s+(?:-|(?:rev-parse|rev-list|log|describe|status|diff|diff-files|diff-index|diff-tree|show|show-ref|branch|tag|ls-files|ls-tree|config|shortlog|blame|cat-file|merge-base|name-rev|for-each-ref|symbolic-ref|reflog|stash|grep|remote|submodule|worktree|check-ignore|archive|cherry|whatchanged)\b)/,
  // Its files, but not its folder among those that a tool leaves out.
  /\.git(?:\/|['"`]\s*,\s*['"`])(?:HEAD|ORIG_HEAD|FETCH_HEAD|MERGE_HEAD|refs|packed-refs|logs|index|config|\$)/,
  /simple-git|isomorphic-git|nodegit|gitRevision|git-rev|git-describe|eslint-plugin-diff|plugin:diff\//,
  // Of runners that select tests by it.
  /\b(?:vitest|jest|nx|turbo|lerna)\b[^'"`\n]{0,200}\s(?:--(?:changed|changedSince|changed-since|onlyChanged|only-changed|affected|since)\b|-o\b|affected\b)|\b(?:onlyChanged|changedSince)\b/,
].map(({ source }) => source).join('|'));
/** Of a package: what it is about, and not what it does. */
const KEYWORDS = /"keywords"\s*:\s*\[[^\]]*\]/;
const SHEBANG = /^#!.*/;
/** Settings of package managers and of git: what they name from the top are stores for every project. */
const STORES = /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|pnpm\/rc|\.gitconfig)$/;
/** Scripts of a package, commands of a configuration: their words; in code that starts programs, what strings begin with. */
const COMMANDS = /\bcommand['"]?\s*:\s*['"`]([^'"`\n]{1,1024})/g;
const STARTS = /child_process|execa|tinyexec|cross-spawn|shelljs|\bzx\b|subprocess|os\.system/;
const QUOTED = /(?<=['"`])[A-Za-z][\w.+-]*(?=['"`\s])/g;
const PROGRAMS = /(?<![\w./-])[A-Za-z][\w.+-]*/g;
/** No longer than a path may be: what looks like a path of a megabyte takes minutes to be put together. */
const UPWARD = /['"`(\s=:/]((?:\.\.\/){1,64}[^'"`\n\r\s,;)]{0,1024})/g;
/** In a file that lies outside, what lies beside it does too. */
const BESIDE = /['"`(\s=:/]((?:\.\.?\/){1,64}[^'"`\n\r\s,;)]{0,1024})/g;
const ABSOLUTE = /['"`(\s=](?:file:\/\/)?(\/[\w.@-]{1,255}(?:\/[^'"`\n\r\s,;:)\\]{1,1024}|\.\w{1,20}(?=['"`\s])))/g;

/** `file` is posix, relative to the root, or absolute where it lies outside. */
export function mentionsOf(file: string, text: string): Mentions {
  if (!(isScanned(file) || text.startsWith('#!')) || text.length > CHARS_MAX || text.includes('\0')) return NO_MENTIONS;
  const names = new Set<string>();
  for (const [name] of text.matchAll(NAMES)) names.add(name);
  for (const [, name = ''] of text.matchAll(EXPANDED)) names.add(name);
  if (WHOLE_ENVIRONMENT.test(text.replace(SHEBANG, ''))) for (const [word] of text.matchAll(WORDS)) names.add(word);
  return { names: [...names], programs: programsOf(file, text), usesGit: GIT.test(text.replace(KEYWORDS, '')), outside: [...outsideOf(file, text)] };
}

function programsOf(file: string, text: string): string[] {
  const words = new Set<string>();
  const commands = isShell(file) || (text.startsWith('#!') && !/^.*node/.test(text)) ? [text] : [...scriptsOf(file, text), ...[...text.matchAll(COMMANDS)].map(([, command = '']) => command)];
  for (const command of commands) for (const [word] of command.matchAll(PROGRAMS)) words.add(word);
  if (STARTS.test(text)) for (const [word] of text.matchAll(QUOTED)) words.add(word);
  return [...words];
}

function scriptsOf(file: string, text: string): string[] {
  if (path.posix.basename(file) !== 'package.json') return [];
  const manifest = parseJson(text);
  return isRecord(manifest) && isRecord(manifest.scripts) ? Object.values(manifest.scripts).filter((script) => typeof script === 'string') : [];
}

function outsideOf(file: string, text: string): Set<string> {
  const folder = path.posix.dirname(file);
  const outside = new Set<string>();
  for (const [, upward = ''] of text.matchAll(/^(?:\.\.)?\//.test(file) ? BESIDE : UPWARD)) {
    const target = path.posix.join(folder, upward);
    if (/^(?:\.\.)?\//.test(target) && !isIdle(target, file)) outside.add(target.replace(/\/$/, ''));
  }
  if (!STORES.test(file)) for (const [, absolute = ''] of text.matchAll(ABSOLUTE)) outside.add(path.posix.normalize(absolute).replace(/\/$/, ''));
  return outside;
}
