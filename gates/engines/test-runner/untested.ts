import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parseSync } from 'oxc-parser';
import type { FileCoverage } from '../../../src/model/measurement.ts';

/** What istanbul counts as a statement; a variable's initializer and an arrow's expression body are counted apart. */
const STATEMENTS = new Set([
  'ExpressionStatement', 'ReturnStatement', 'IfStatement', 'ForStatement', 'ForInStatement', 'ForOfStatement', 'WhileStatement', 'DoWhileStatement',
  'SwitchStatement', 'ThrowStatement', 'TryStatement', 'BreakStatement', 'ContinueStatement', 'DebuggerStatement', 'WithStatement', 'LabeledStatement',
]);
const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression']);

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [key: string]: unknown;
}

interface Counts {
  readonly statementStarts: number[];
  functions: number;
  branches: number;
}

/**
 * The coverage of a source that no test loaded: everything that can be executed, none of it covered. Null where nothing
 * can be executed (types only), and for a file that does not parse, which other gates report.
 */
export async function untestedCoverage(root: string, file: string): Promise<FileCoverage | null> {
  const source = await readFile(path.join(root, file), 'utf8');
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) return null;
  const counts: Counts = { statementStarts: [], functions: 0, branches: 0 };
  visit(program as unknown as Node, counts);
  if (counts.statementStarts.length + counts.functions === 0) return null;
  const uncoveredLines = [...new Set(linesOf(source, counts.statementStarts))];
  return {
    lines: { total: uncoveredLines.length, covered: 0 },
    statements: { total: counts.statementStarts.length, covered: 0 },
    branches: { total: counts.branches, covered: 0 },
    functions: { total: counts.functions, covered: 0 },
    uncoveredLines,
  };
}

function visit(node: Node, counts: Counts): void {
  if (node['declare'] === true) return;
  if (STATEMENTS.has(node.type) && !isDirective(node)) counts.statementStarts.push(node.start);
  if (node.type === 'VariableDeclarator' || node.type === 'PropertyDefinition') {
    const value = node['init'] ?? node['value'];
    if (isNode(value)) counts.statementStarts.push(value.start);
  }
  if (FUNCTIONS.has(node.type)) {
    counts.functions += 1;
    if (node.type === 'ArrowFunctionExpression' && isNode(node['body']) && node['body'].type !== 'BlockStatement') counts.statementStarts.push(node['body'].start);
  }
  counts.branches += branchesOf(node);
  for (const child of Object.values(node)) {
    if (Array.isArray(child)) {
      for (const item of child) if (isNode(item)) visit(item, counts);
    } else if (isNode(child)) {
      visit(child, counts);
    }
  }
}

function branchesOf(node: Node): number {
  switch (node.type) {
    case 'IfStatement':
    case 'ConditionalExpression':
      return 2;
    case 'SwitchCase':
    case 'AssignmentPattern':
      return 1;
    case 'LogicalExpression':
      // a && b && c nests to the left and has three branches: two at the innermost, one more at each level.
      return isNode(node['left']) && node['left'].type === 'LogicalExpression' ? 1 : 2;
    default:
      return 0;
  }
}

function isDirective(node: Node): boolean {
  return node.type === 'ExpressionStatement' && typeof node['directive'] === 'string';
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}

/** 1-based lines of offsets, ascending. */
function linesOf(source: string, offsets: readonly number[]): readonly number[] {
  const lines: number[] = [];
  let line = 1;
  let position = 0;
  for (const offset of [...offsets].sort((a, b) => a - b)) {
    for (; position < offset; position += 1) if (source.charCodeAt(position) === 10) line += 1;
    lines.push(line);
  }
  return lines;
}
