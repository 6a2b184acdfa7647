import path from 'node:path';
import { mayHoldSettings } from '../model/settings-files.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { isOfGit, isScanned } from './file-kinds.ts';
import { foldersByPackage, importsOf, isManifest, packagesIn, settingsIn, upwardIn, type ImportRow } from './linter-packages.ts';
import { mentionsOf } from './mentions.ts';
import { pathWords, type PathWord } from './path-words.ts';
import { SCRIPT_END, SortedNames } from './sorted-names.ts';

/** What leads to more files than this, beyond the configurations of linters themselves, may lead to any. */
const FOLLOWED_MAX = 500;
/** Where there are more, the tree is a linter's own. */
const CONFIGURATIONS_MAX = 2_000;
/** A larger text is generated, and takes too long to be followed word by word. */
const CHARS_MAX = 2 * 1024 * 1024;

/** In whose paths a linter, or we, find configurations, rules and plugins. */
const CONFIGURES = /eslint|oxlint|biome|secretlint|spark-gates/i;
/** These name what is left out, what was found before, and what a compiler reads; none of them has code loaded. */
const LOADS_NOTHING = /(?:^|\/)(?:\.[\w-]*ignore|eslint-suppressions\.json|[jt]sconfig[^/]*\.json)$/;
/** By what is known of a file: there is no text in it, or none that anybody may read. */
const WITHOUT_TEXT = /^x?(?:special|unreadable)|^(?:nothing|folder)\b/;

/** What finds files that it does not name. `globals` is a list of names, `globalIgnores` one of patterns. */
const LISTS = /readdir|opendir|\bfdir\b|require-?index|require-(?:all|dir)|require\.context\(|\bfg(?:\.\w+)?\(|glob(?!al)\w*(?:\.\w+)?\(|['"`][\w@-]*glob(?!al)[\w-]*['"`]/i;
/** What loads by a name of which no part stands there. */
const COMPUTED = new RegExp([
  /\b(?:require|import)(?:\.meta)?(?:\.resolve)?\((?:['"`][./]*['"`]|[^'"`)\w])*\w(?:['"`][./]*['"`]|[^'"`)])*\)/,
  /\b(?:require|import)(?:\.meta)?(?:\.resolve)?\(\s*`\$\{(?!(?:import\.meta\.|__)dirname)/,
  // From a folder above, but not that folder itself.
  /['"`]\.\.?(?:\/\.\.)*\/?['"`]\s*,\s*(?!import\.meta)[\w$.]+\s*\)/,
  // From its own folder, in a template or a sum.
  /dirname\}?(?:\s*\+\s*['"`])?\/(?:\$\{|['"`]\s*\+)/,
].map(({ source }) => source).join('|'));

/**
 * Tools whose configuration is loaded by a linter's plugin or parser that only names the tool: @babel/eslint-parser, graphql-eslint,
 * eslint-plugin-prettier, eslint-plugin-tailwindcss, and what resolves imports as Vite and webpack do.
 */
const TOOLS = /(?<![\w.])(babel|graphql|prettier|tailwind|vite|webpack)(?:css)?\b/g;
/** A resolver of imports is called after its tool, whichever it is: `'import/resolver': { jest: … }`. */
const RESOLVERS = /resolver(?=([\s\S]{0,200}))/gi;

export interface LinterReachOptions {
  /** Absolute and real. */
  readonly root: string;
  /** Every file by path relative to the root, with what a tool can see of it. */
  readonly files: ReadonlyMap<string, string>;
  /** Installed links and where they lead: members of a workspace are loaded through them. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Whether a linter's configuration may load one of `sought`: it is one, or one leads to it over files that name each other. Any word is
 * taken for the path of a file or folder, from the folder of the file and each one above it; what cannot be told is a yes.
 */
export function mayLoadAny(sought: ReadonlySet<string>, options: LinterReachOptions): boolean {
  if (sought.size === 0) return false;
  // What lies outside is known because a file here names it; over which way it is loaded nobody looks.
  if ([...sought].some((file) => /^(?:\.\.)?\//.test(file))) return true;
  return new Walk(sought, options).reaches();
}

/** From the configurations of linters to all that they may load, until something sought is met. */
class Walk {
  readonly #options: LinterReachOptions;
  readonly #sought: ReadonlySet<string>;
  readonly #manifests: ReadonlyMap<string, string>;
  readonly #names: SortedNames;
  readonly #packages: ReadonlyMap<string, readonly string[]>;
  readonly #imports: readonly ImportRow[];
  readonly #followed = new Set<string>();
  readonly #queue: string[] = [];
  /** Places that were looked up, and whether anything is there. */
  readonly #looked = new Map<string, boolean>();
  #configurations = 0;
  #isReached = false;

  constructor(sought: ReadonlySet<string>, options: LinterReachOptions) {
    this.#options = options;
    this.#sought = sought;
    this.#manifests = new Map([...options.files.keys()].filter(isManifest).map((file) => [file, this.#read(file)]));
    this.#names = new SortedNames(options.files);
    this.#packages = foldersByPackage(options.links, this.#manifests);
    this.#imports = importsOf(this.#manifests);
  }

  reaches(): boolean {
    const configurations = [...this.#options.files.keys()].filter((file) => this.#isConfiguration(file));
    if (configurations.length > CONFIGURATIONS_MAX) return true;
    this.#configurations = configurations.length;
    for (const file of configurations) this.#add(file);
    for (let file = this.#queue.pop(); file !== undefined && !this.#isReached; file = this.#queue.pop()) this.#follow(file);
    return this.#isReached;
  }

  #isConfiguration(file: string): boolean {
    const manifest = this.#manifests.get(file);
    if (manifest !== undefined) return settingsIn(manifest) !== '';
    return CONFIGURES.test(file) && (SCRIPT_END.test(file) || mayHoldSettings(file)) && !LOADS_NOTHING.test(file) && !isOfGit(file);
  }

  #add(file: string): void {
    if (this.#followed.has(file)) return;
    this.#followed.add(file);
    this.#queue.push(file);
    if (this.#asks(file) || this.#followed.size - this.#configurations > FOLLOWED_MAX) this.#isReached = true;
  }

  /** Scripts of a package are run by nobody who lints: of a manifest only the settings count. */
  #asks(file: string): boolean {
    const manifest = this.#manifests.get(file);
    return this.#sought.has(file) && (manifest === undefined || mentionsOf(file, settingsIn(manifest)).usesGit);
  }

  #follow(file: string): void {
    const text = this.#textOf(file);
    if (text.length > CHARS_MAX || LISTS.test(text) || COMPUTED.test(text)) {
      this.#isReached = true;
      return;
    }
    this.#followLink(file);
    for (const word of pathWords(text, SCRIPT_END.test(file))) this.#followWord(file, word);
    for (const tool of toolsIn(text)) {
      this.#followPackages([tool]);
      for (const word of [`${tool}.config.`, `.${tool}rc`]) this.#followWord(file, { word, isOpen: true, isOwn: false });
    }
  }

  #textOf(file: string): string {
    const manifest = this.#manifests.get(file);
    if (manifest !== undefined) return [settingsIn(manifest), ...upwardIn(manifest)].join('\n');
    return isScanned(file) && !LOADS_NOTHING.test(file) ? this.#read(file) : '';
  }

  #read(file: string): string {
    return WITHOUT_TEXT.test(this.#options.files.get(file) ?? '') ? '' : (readTextIfThere(path.resolve(this.#options.root, file)) ?? '');
  }

  /** What a link within the tree leads to is there under its own name. */
  #followLink(file: string): void {
    const target = / -> (.+)$/.exec(this.#options.files.get(file) ?? '')?.[1];
    if (target === undefined || target.startsWith('/')) return;
    this.#followPlace(path.posix.join(target.startsWith('<root>') ? '.' : path.posix.dirname(file), target.replace(/^<root>\/?/, '')).replace(/(?<=.)\/$/, ''));
  }

  #followWord(file: string, { word, isOpen, isOwn }: PathWord): void {
    this.#followPackages(isOpen ? (/[/-]$/.test(word) ? [...this.#packages.keys()].filter((name) => name.startsWith(word)) : []) : packagesIn(word));
    // Alone it begins a comment.
    if (/^#./.test(word)) for (const row of this.#imports) if (word.startsWith(row.prefix) || row.prefix.startsWith(word)) this.#followWord(row.file, row.target);
    const named = path.posix.normalize(word).split('/').filter((part) => !/^\.{0,2}$/.test(part)).length;
    for (let from = path.posix.dirname(file); ; from = path.posix.dirname(from)) {
      const place = path.posix.join(from, word);
      const isFound = isOpen && this.#followAll(`${place}*`, this.#names.startingWith(place === './' ? '' : place));
      if (!isFound) this.#followNearest(place.replace(/\/$/, ''), named);
      if (isOwn || from === path.posix.dirname(from)) return;
    }
  }

  #followPackages(names: readonly string[]): void {
    for (const name of names) for (const folder of this.#packages.get(name) ?? []) this.#followPlace(folder);
  }

  /** The place itself, or else the nearest folder above that is there: one of the `named` last parts, which the word itself names. */
  #followNearest(place: string, named: number): void {
    for (let at = place, left = named; left > 0 && at !== '.'; at = path.posix.dirname(at), left -= 1) if (this.#followPlace(at)) return;
  }

  #followPlace(place: string): boolean {
    return this.#followAll(place, this.#names.meantBy(place));
  }

  #followAll(place: string, names: Iterable<string>): boolean {
    const known = this.#looked.get(place);
    if (known !== undefined) return known;
    let isThere = false;
    for (const name of names) {
      isThere = true;
      if (this.#isReached) break;
      this.#add(name);
    }
    this.#looked.set(place, isThere);
    return isThere;
  }
}

function toolsIn(text: string): Set<string> {
  const tools = [...text.matchAll(TOOLS)].map(([, tool = '']) => tool);
  return new Set([...tools, ...[...text.matchAll(RESOLVERS)].flatMap(([, settings = '']) => settings.match(/[\w-]+/g) ?? [])]);
}
