import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Link } from './document.ts';

export interface LinkProblem extends Link {
  readonly rule: 'broken-link' | 'broken-anchor';
  readonly message: string;
}

export interface LinkSurroundings {
  /** Absolute. */
  readonly root: string;
  /** Anchors of another Markdown file of the workspace, or null when it is none. */
  anchorsOf(file: string): ReadonlySet<string> | null;
  /** Told of every file or folder that a link leads to. */
  onTarget(name: string, isThere: boolean): void;
}

/** Null when the link holds, leads outside of the repository, or is none of ours to judge. */
export function checkLink(file: string, link: Link, surroundings: LinkSurroundings): LinkProblem | null {
  const { url } = link;
  if (/^(?:[a-z][a-z\d+.-]*:|\/\/)/i.test(url) || url === '' || url === '#') return null;
  const [target = '', anchor = ''] = splitOnce(url, '#');
  const wanted = decoded(splitOnce(target, '?')[0] ?? '');
  const name = wanted === '' ? file : path.posix.normalize(wanted.startsWith('/') ? wanted.slice(1) : path.posix.join(path.posix.dirname(file), wanted));
  // GitHub resolves ../../issues and the like against its own pages.
  if (name.startsWith('..')) return null;
  const isThere = existsSync(path.join(surroundings.root, name));
  surroundings.onTarget(name, isThere);
  if (!isThere) return { ...link, rule: 'broken-link', message: `${url} leads nowhere: there is no ${name}` };
  if (anchor === '' || /^L\d+(?:C\d+)?(?:-L\d+(?:C\d+)?)?$/.test(anchor)) return null;
  const anchors = surroundings.anchorsOf(name);
  const slug = decoded(anchor).toLowerCase();
  if (anchors === null || anchors.has(slug) || slug === 'top' || anchors.has(`user-content-${slug}`) || slug.startsWith(':~:')) return null;
  return { ...link, rule: 'broken-anchor', message: `${url} leads nowhere: ${name} has no heading or id "${anchor}"` };
}

function splitOnce(text: string, separator: string): string[] {
  const index = text.indexOf(separator);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
