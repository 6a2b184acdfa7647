import path from 'node:path';
import { mayHoldSettings } from '../model/settings-files.ts';
import { isRecord } from '../system/is-record.ts';
import { parseJson } from '../system/parse-json.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { isScanned } from './file-kinds.ts';
import { foldersOf } from './folders-of.ts';

/** A configuration that leads to more files than this may lead to any. */
const FOLLOWED_MAX = 500;
/** By whose names a linter, or we, find it; any script that is called a configuration may be one of a linter's plugin. */
const CONFIGURES = /eslint|oxlint|biome|spark-gates/i;
const SCRIPT = /\.[cm]?[jt]s$/;
/** What may be a path, or a package's name. */
const PATHS = /[\w@.#*$/-]+/g;
/** What finds files that it does not name. */
const LISTS = /readdir|opendir|globSync|[gG]lob\(/;

export interface LinterReachOptions {
  /** Absolute and real. */
  readonly root: string;
  /** Every file by path relative to the root, with what a tool can see of it. */
  readonly files: ReadonlyMap<string, string>;
  /** Installed links and where they lead: members of a workspace are loaded through them. */
  readonly links: ReadonlyMap<string, string>;
}

/**
 * Whether a linter's configuration may load one of `sought`: it is one, or leads to one over files that name each other. Any word is
 * taken for the path of a file or folder, with or without its ending, from the folder of the file and each one above it.
 */
export function mayLoadAny(sought: ReadonlySet<string>, { root, files, links }: LinterReachOptions): boolean {
  if (sought.size === 0) return false;
  // What lies outside is known because a file here names it; over which way it is loaded nobody looks.
  if ([...sought].some((file) => /^(?:\.\.)?\//.test(file))) return true;
  const textOf = (file: string): string => (isScanned(file) && !/^x?special/.test(files.get(file) ?? '') ? (readTextIfThere(path.resolve(root, file)) ?? '') : '');
  const manifests = new Map([...files.keys()].filter((file) => path.posix.basename(file) === 'package.json').map((file) => [file, textOf(file)] as const));
  const folders = new Map([...linkedFolders(links), ...namedFolders(manifests)]);
  const places = placesOf(files.keys());
  const queue = [...files.keys()].filter((file) => (manifests.has(file) ? /"(?:eslintConfig|imports)"/.test(manifests.get(file) ?? '') : isConfiguration(file)));
  const followed = new Set(queue);
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    const text = textOf(file);
    if (sought.has(file) || followed.size > FOLLOWED_MAX || LISTS.test(text)) return true;
    for (const place of new Set([...pathsIn(file, text, folders)])) {
      for (const next of places.get(place) ?? []) {
        if (followed.has(next)) continue;
        followed.add(next);
        queue.push(next);
      }
    }
  }
  return false;
}

function isConfiguration(file: string): boolean {
  return mayHoldSettings(file) && (SCRIPT.test(file) || CONFIGURES.test(path.posix.basename(file)));
}

/** Patterns say what is linted, and load nothing. */
function* pathsIn(file: string, text: string, folders: ReadonlyMap<string, string>): Iterable<string> {
  for (const word of new Set(text.match(PATHS))) {
    if (word.includes('*') || word === '.') continue;
    const folder = folders.get(word.split('/').slice(0, word.startsWith('@') ? 2 : 1).join('/'));
    if (folder !== undefined) yield folder;
    for (let from = path.posix.dirname(file); ; from = path.posix.dirname(from)) {
      yield path.posix.join(from, word).replace(/(?<=.)\/$/, '');
      if (from === path.posix.dirname(from)) break;
    }
  }
}

/** The files that a path may mean: the one of that name, those with an ending more, and all in the folder of that name. */
function placesOf(files: Iterable<string>): Map<string, string[]> {
  const places = new Map<string, string[]>();
  const add = (place: string, file: string): void => {
    const before = places.get(place);
    if (before === undefined) places.set(place, [file]);
    else before.push(file);
  };
  for (const file of files) {
    add('.', file);
    add(file, file);
    for (let at = file.indexOf('.', file.lastIndexOf('/') + 2); at !== -1; at = file.indexOf('.', at + 1)) add(file.slice(0, at), file);
    for (const folder of foldersOf(file)) add(folder, file);
  }
  return places;
}

/** Folders of the tree by the names under which packages find them. */
function linkedFolders(links: ReadonlyMap<string, string>): [string, string][] {
  return [...links].filter(([, target]) => !/^(?:\.\.)?\/|(?:^|\/)node_modules\/|^nothing:/.test(target))
    .map(([link, target]) => [link.slice(link.lastIndexOf('node_modules/') + 'node_modules/'.length), target]);
}

/** A package finds itself by its own name. */
function namedFolders(manifests: ReadonlyMap<string, string>): [string, string][] {
  return [...manifests].flatMap(([file, text]) => {
    const manifest = parseJson(text);
    return isRecord(manifest) && typeof manifest.name === 'string' ? [[manifest.name, path.posix.dirname(file)]] : [];
  });
}
