import { parseTree, type Node } from 'jsonc-parser';

/** A change of a text at one place. */
export interface TextEdit {
  readonly offset: number;
  readonly length: number;
  readonly content: string;
}

/** One after another: each offset is in the text that the edit before it has left. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  return edits.reduce((before, { offset, length, content }) => before.slice(0, offset) + content + before.slice(offset + length), text);
}

/** What takes these edits of `text` back, byte for byte. */
export function invertEdits(text: string, edits: readonly TextEdit[]): TextEdit[] {
  const inverse: TextEdit[] = [];
  let before = text;
  for (const edit of edits) {
    inverse.unshift({ offset: edit.offset, length: edit.content.length, content: before.slice(edit.offset, edit.offset + edit.length) });
    before = applyEdits(before, [edit]);
  }
  return inverse;
}

/**
 * Puts an item behind those of a list, making the list and whatever objects lead to it where they are missing. Nothing that is
 * there moves or changes; what is put in is laid out as its neighbours are. `text` is valid JSON with an object at the top.
 */
export function appendItem(text: string, path: readonly string[], item: unknown): TextEdit {
  const root = rootOf(text);
  const list = nodeAt(root, path);
  const layout = layoutOf(text, root);
  return list === null ? insertMissing(text, path, [item]) : behindLast(text, list, layout, (indent) => layout.print(item, indent));
}

/** Gives an object a property; null where it has it already, whatever its value. */
export function setProperty(text: string, path: readonly string[], value: unknown): TextEdit | null {
  return nodeAt(rootOf(text), path) === null ? insertMissing(text, path, value) : null;
}

/** Takes the property or item at the path out, with its comma. */
export function removeAt(text: string, path: readonly (string | number)[]): TextEdit {
  const parent = nodeAt(rootOf(text), path.slice(0, -1));
  const key = path.at(-1);
  const children = parent?.children ?? [];
  const index = typeof key === 'number' ? key : children.findIndex((child) => child.children?.[0]?.value === key);
  const child = children[index];
  if (parent === null || child === undefined) throw new Error(`there is nothing at ${path.join('.')}`);
  const before = children[index - 1];
  const after = children[index + 1];
  if (before !== undefined) return cut(endOf(before), endOf(child));
  if (after !== undefined) return cut(child.offset, after.offset);
  return cut(parent.offset + 1, endOf(parent) - 1);
}

/** Puts the value, in as many objects as are missing on its path, behind what the last object that is there has. */
function insertMissing(text: string, path: readonly string[], value: unknown): TextEdit {
  const root = rootOf(text);
  const layout = layoutOf(text, root);
  let depth = path.length - 1;
  while (nodeAt(root, path.slice(0, depth)) === null) depth -= 1;
  const [key = '', ...rest] = path.slice(depth);
  const nested = rest.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  return behindLast(text, nodeAt(root, path.slice(0, depth)) ?? root, layout, (indent) => `${JSON.stringify(key)}:${layout.gap}${layout.print(nested, indent)}`);
}

interface Layout {
  readonly eol: string;
  /** One level of indentation; empty in a text of one line. */
  readonly unit: string;
  /** Behind a colon, and between items on one line. */
  readonly gap: string;
  print(value: unknown, indent: string | null): string;
}

/** As the text is laid out; as people lay JSON out where it says nothing about that. */
function layoutOf(text: string, root: Node): Layout {
  const eol = /\r?\n/.exec(text)?.[0] ?? '\n';
  const [first] = root.children ?? [];
  const unit = first === undefined ? '  ' : (indentOf(text, first.offset) ?? '');
  const gap = first === undefined || /":\s/.test(text) ? ' ' : '';
  return {
    eol,
    unit: unit === '' && text.trim().includes('\n') ? '  ' : unit,
    gap,
    print: (value, indent) => (indent === null ? onOneLine(value, gap) : JSON.stringify(value, null, unit === '' ? '  ' : unit).replaceAll('\n', `${eol}${indent}`)),
  };
}

function onOneLine(value: unknown, gap: string): string {
  if (gap === '' || typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => onOneLine(item, gap)).join(`,${gap}`)}]`;
  return `{${Object.entries(value).map(([key, item]) => `${gap}${JSON.stringify(key)}:${gap}${onOneLine(item, gap)}`).join(',')}${gap}}`;
}

/** `print` is given the indentation of what it prints, or null where it goes on the line that is there. */
function behindLast(text: string, container: Node, { eol, unit, gap }: Layout, print: (indent: string | null) => string): TextEdit {
  const last = container.children?.at(-1);
  if (last !== undefined) {
    const indent = indentOf(text, last.offset);
    return { offset: endOf(last), length: 0, content: indent === null ? `,${gap}${print(null)}` : `,${eol}${indent}${print(indent)}` };
  }
  const inner = { offset: container.offset + 1, length: container.length - 2 };
  if (unit === '') return { ...inner, content: print(null) };
  const outer = lineIndent(text, container.offset);
  return { ...inner, content: `${eol}${outer}${unit}${print(`${outer}${unit}`)}${eol}${outer}` };
}

/** The blanks before what begins its line; null where something else stands before it there. */
function indentOf(text: string, offset: number): string | null {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return text.lastIndexOf('\n', offset - 1) !== -1 && /^[ \t]*$/.test(line) ? line : null;
}

function lineIndent(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? '';
}

function nodeAt(root: Node, path: readonly (string | number)[]): Node | null {
  let node: Node | undefined = root;
  for (const key of path) node = typeof key === 'number' ? node?.children?.[key] : node?.children?.find((child) => child.children?.[0]?.value === key)?.children?.[1];
  return node ?? null;
}

function rootOf(text: string): Node {
  const root = parseTree(text);
  if (root?.type !== 'object') throw new Error('not a JSON object');
  return root;
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

function cut(from: number, to: number): TextEdit {
  return { offset: from, length: to - from, content: '' };
}
