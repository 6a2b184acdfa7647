import { readdirSync } from 'node:fs';
import path from 'node:path';
import { isUnreachable } from '../system/file-times.ts';
import { isInside } from './is-inside.ts';

/** From here on a path is a pattern, a template, or prose. */
const WILD = /[*?{}<>|$]/;
const WILDCARDS = /\$?\{[^}]*\}?|\$\w+|<[^>]*>?|[*?<>|$}]+/;

/** All that lies beside the tree. */
const EVERYTHING = /^(?:\.\.\/)+(?:\*\*(?:\/.*)?|\*(?:\/[^/*?{]*[*?{][^/]*)*)$/;
/** Rules for imports say that as well; who means files by it is a compiler. */
const OF_A_COMPILER = /(?:^|\/)[jt]sconfig[^/]*\.json$/;

/** Whether a path that a file names leads to more than can be looked at, without being meant so. */
export function isIdle(target: string, file: string): boolean {
  return EVERYTHING.test(target) && !OF_A_COMPILER.test(file);
}

/** Of the system: a folder of it is walked by nobody, a single file in it counts. What the last ones hold is no input at all. */
const OF_SYSTEM = /^\/(?:bin|boot|etc|lib\d*|media|mnt|nix|opt|sbin|snap|srv|usr|Applications|Library|System|Volumes)(?:\/|$)/;
const OF_MOMENTS = /^\/(?:dev|private|proc|run|sys|tmp|var)(?:\/|$)/;

export interface OutsideOptions {
  /** Absolute and real. */
  readonly root: string;
  readonly home: string | undefined;
}

/** What a path that leads out of the root stands for. */
export type OutsidePath =
  /** Files and folders to look at; a folder counts with all that is in it. */
  | { readonly kind: 'paths'; readonly paths: readonly string[] }
  /** Every file beside the tree, or above: more than can be looked at. */
  | { readonly kind: 'everything' };

/** A pattern stands for the folder before its first wildcard; where that is one above the root, for the entries of it that match. */
export function expandOutside(target: string, options: OutsideOptions): OutsidePath {
  if (EVERYTHING.test(target)) return { kind: 'everything' };
  const segments = target.split('/');
  const at = segments.findIndex((segment) => WILD.test(segment));
  if (at === -1) return { kind: 'paths', paths: isLeftOut(target, options) ? [] : [target] };
  const base = segments.slice(0, at).join('/');
  const [pattern = '', ...rest] = segments.slice(at);
  if (!isAbove(base, options)) return { kind: 'paths', paths: isLeftOut(base, options) || /^\/[^/]*$/.test(base) ? [] : [base] };
  if (rest.length === 0 && pattern.split(WILDCARDS).join('') === '') return { kind: 'paths', paths: [] };
  const matches = patternOf(pattern);
  const found = entriesOf(path.resolve(options.root, base)).filter((name) => matches.test(name)).map((name) => expandOutside([base, name, ...rest].join('/'), options));
  return found.find(({ kind }) => kind === 'everything') ?? { kind: 'paths', paths: found.flatMap((one) => (one.kind === 'paths' ? one.paths : [])) };
}

/** Of the tree itself, above it, or the home of everybody's files. */
function isLeftOut(target: string, options: OutsideOptions): boolean {
  const { root } = options;
  const absolute = path.resolve(root, target);
  if (isInside(absolute, root) || isAbove(target, options)) return true;
  // A tree that lies in such a place has its own things there.
  const own = root.split(path.sep).slice(0, 3).join('/');
  return target.startsWith('/') && OF_MOMENTS.test(target) && !isInside(absolute, own);
}

/** Whether nothing but a single file counts there. */
export function isOfSystem(absolute: string, root: string): boolean {
  return OF_SYSTEM.test(absolute) && !isInside(absolute, root.split(path.sep).slice(0, 3).join('/'));
}

function isAbove(target: string, { root, home }: OutsideOptions): boolean {
  const absolute = path.resolve(root, target === '' ? '/' : target);
  return (root !== absolute && isInside(root, absolute)) || (home !== undefined && isInside(home, absolute));
}

/** Names that begin with a dot are matched by none. */
function patternOf(segment: string): RegExp {
  const parts = segment.split(WILDCARDS).map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^(?!\\.)${parts.join('.*')}$`);
}

/** Their names; of a folder that is closed to us, none. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if (isUnreachable(error)) return [];
    throw error;
  }
}
