import GithubSlugger from 'github-slugger';
import type { Nodes, Root } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Link extends Place {
  readonly url: string;
}

export interface Fence {
  readonly language: string;
  /** What follows the language on the fence's first line. */
  readonly info: string;
  readonly text: string;
  /** Line of the first line of `text`. */
  readonly line: number;
}

/** What one Markdown file links to, can be linked at, and shows as code. */
export interface MarkdownDocument {
  readonly links: readonly Link[];
  /** Slugs as GitHub makes them, and ids written in HTML; compared without regard to case. */
  readonly anchors: ReadonlySet<string>;
  readonly fences: readonly Fence[];
}

export function readDocument(text: string): MarkdownDocument {
  const links: Link[] = [];
  const anchors = new Set<string>();
  const fences: Fence[] = [];
  const slugger = new GithubSlugger();
  visit(fromMarkdown(blankFrontmatter(text), { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] }), (node) => {
    const place = { line: node.position?.start.line ?? 1, column: node.position?.start.column ?? 1 };
    if (node.type === 'link' || node.type === 'image' || node.type === 'definition') links.push({ ...place, url: node.url });
    else if (node.type === 'heading') for (const slug of slugsOf(plainText(node), slugger)) anchors.add(slug);
    else if (node.type === 'html') for (const match of node.value.matchAll(/\b(?:id|name)\s*=\s*["']?([^"'\s>]+)/gi)) anchors.add((match[1] ?? '').toLowerCase());
    else if (node.type === 'code' && typeof node.lang === 'string') fences.push({ language: node.lang.toLowerCase(), info: node.meta ?? '', text: node.value, line: place.line + 1 });
  });
  return { links, anchors, fences };
}

/** `## Title {#id}` names its anchor itself in many generators. */
function slugsOf(title: string, slugger: GithubSlugger): string[] {
  const custom = /\{#([^}]+)\}\s*$/.exec(title);
  const slug = slugger.slug(title);
  return custom?.[1] === undefined ? [slug] : [slug, custom[1].toLowerCase(), slugger.slug(title.slice(0, custom.index).trim())];
}

function plainText(node: Nodes): string {
  if ('value' in node && node.type !== 'html') return node.value;
  return 'children' in node ? node.children.map(plainText).join('') : '';
}

function visit(node: Root | Nodes, look: (node: Nodes) => void): void {
  look(node);
  if ('children' in node) for (const child of node.children) visit(child, look);
}

/** Line numbers stay right when the block is replaced by as many empty lines. */
function blankFrontmatter(text: string): string {
  return text.replace(/^---\r?\n[^]*?\r?\n---[ \t]*(?=\r?\n|$)/, (block) => block.replaceAll(/[^\r\n]/g, ''));
}
