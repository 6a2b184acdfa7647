import type { SourceCode } from 'eslint';

/** A node of any kind, TypeScript's included, which ESLint's types don't know. */
interface SyntaxNode {
  readonly type: string;
  readonly range: readonly [start: number, end: number];
  readonly [key: string]: unknown;
}

/**
 * True when the function or method after the doc comment that covers `line` is declared more than once in a row: overloads share
 * one comment, which describes all of them together and matches none exactly.
 */
export function isOverloaded(sourceCode: SourceCode, line: number): boolean {
  const comment = sourceCode.getAllComments().find(({ type, value, loc }) => type === 'Block' && value.startsWith('*') && loc !== undefined && loc !== null && loc.start.line <= line && loc.end.line >= line);
  if (comment?.range === undefined) return false;
  const siblings = listAround(sourceCode.ast as unknown as SyntaxNode, comment.range, sourceCode.visitorKeys);
  const end = comment.range[1];
  const index = siblings.findIndex(({ range }) => range[0] >= end);
  const name = nameOf(siblings[index]);
  return name !== null && (name === nameOf(siblings[index - 1]) || name === nameOf(siblings[index + 1]));
}

/** The statements or members among which a comment stands directly. */
function listAround(root: SyntaxNode, [start, end]: readonly [number, number], visitorKeys: SourceCode.VisitorKeys): readonly SyntaxNode[] {
  let node = root;
  for (;;) {
    const lists = (visitorKeys[node.type] ?? []).map((key) => [node[key]].flat().filter(isNode));
    const inner = lists.flat().find(({ range }) => range[0] <= start && range[1] >= end);
    if (inner === undefined) return lists.find((list) => list.some(({ range }) => range[0] >= end)) ?? [];
    node = inner;
  }
}

/** What a declaration declares, in words that only overloads of it share; null for what cannot be overloaded. */
function nameOf(node: SyntaxNode | undefined): string | null {
  if (node === undefined) return null;
  switch (node.type) {
    case 'ExportNamedDeclaration':
      return nameOf(node.declaration as SyntaxNode | undefined);
    case 'ExportDefaultDeclaration':
      return nameOf(node.declaration as SyntaxNode) === null ? null : 'default';
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return isNode(node.id) ? String(node.id.name) : 'default';
    case 'MethodDefinition':
    case 'TSAbstractMethodDefinition':
    case 'TSMethodSignature':
      return isNode(node.key) ? `${node.static === true ? 'static ' : ''}${String(node.kind)} ${String(node.key.name ?? node.key.value)}` : null;
    default:
      return null;
  }
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && 'range' in value;
}
