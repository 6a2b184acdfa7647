import type TypeScript from 'typescript';
import { declaredNames, hasModifier, pathOf } from './divide.ts';
import type { TypeScriptModule } from './load.ts';
import { addName, alongPath, type Names } from './names.ts';

/** What the declarations of one name do not say, although others may notice it. */
export interface HiddenMark {
  readonly text: string;
  /** Identifiers that it depends on, as in `Part`. */
  readonly words: ReadonlyMap<string, Names>;
}

/** What declarations call the value of `export default`. */
const DEFAULT_VALUE = '_default';

interface Marking {
  readonly ts: TypeScriptModule;
  readonly file: TypeScript.SourceFile;
  /** Identifiers in the declarations. */
  readonly visible: ReadonlySet<string>;
  /** Statements of the file's top level by the names that they declare. */
  readonly locals: ReadonlyMap<string, readonly TypeScript.Statement[]>;
}

/**
 * Of each name of a file's top level; of none that which belongs to no name. Declarations leave out which types are written down (an
 * assertion function must be), the types of private members, which `object['name']` reaches and by which generic classes are
 * compared, values of constants that enums elsewhere are computed from, variables without a type of their own, what is a function
 * expression, and comments on properties of functions.
 */
export function hiddenMarks(ts: TypeScriptModule, file: TypeScript.SourceFile, visible: ReadonlySet<string>): ReadonlyMap<string, HiddenMark> {
  const locals = new Map<string, TypeScript.Statement[]>();
  for (const statement of file.statements) for (const name of declaredNames(ts, statement) ?? []) locals.set(name, [...(locals.get(name) ?? []), statement]);
  const marks = new Map<string, HiddenMark>();
  for (const statement of file.statements) {
    const { texts, words } = marksIn(statement, { ts, file, visible, locals });
    if (texts.length === 0 && words.size === 0) continue;
    for (const name of namesOf(ts, statement)) {
      const { text: before = '', words: known = new Map<string, Names>() } = marks.get(name) ?? {};
      const joined = new Map(known);
      for (const [word, names] of words) addName(joined, word, names);
      marks.set(name, { text: `${before} ${texts.join(' ')}`, words: joined });
    }
  }
  return marks;
}

function namesOf(ts: TypeScriptModule, statement: TypeScript.Statement): string[] {
  if (ts.isExportAssignment(statement)) return [DEFAULT_VALUE];
  return [expandoOf(ts, statement) ?? declaredNames(ts, statement) ?? ''].flat();
}

/** `f.x = 1` belongs to f. */
function expandoOf(ts: TypeScriptModule, statement: TypeScript.Statement): string | null {
  if (!ts.isExpressionStatement(statement) || !ts.isBinaryExpression(statement.expression)) return null;
  const { left } = statement.expression;
  return ts.isPropertyAccessExpression(left) && ts.isIdentifier(left.expression) ? left.expression.text : null;
}

interface Found {
  readonly texts: string[];
  readonly words: Map<string, Names>;
}

function marksIn(statement: TypeScript.Statement, marking: Marking): Found {
  const { ts, file, visible } = marking;
  const texts: string[] = [];
  const words = new Map<string, Names>();
  const add = (node: TypeScript.Node, kind: Reach): void => {
    const reached = reachedFrom(node, kind, marking);
    if (kind !== 'ingredients') texts.push(...reached.texts);
    for (const [word, names] of reached.words) addName(words, word, names);
  };
  if (expandoOf(ts, statement) !== null) texts.push(file.text.slice(statement.pos, statement.getStart(file)));
  const visit = (node: TypeScript.Node): void => {
    if (ts.isBlock(node)) return;
    const name = (node as { name?: { text?: string } }).name?.text ?? null;
    if (ts.isFunctionLike(node) || ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) {
      if (name !== null && visible.has(name)) texts.push(`${name}${node.type === undefined ? '-' : '+'}`);
      if (!ts.isVariableDeclaration(node) && isHiddenMember(ts, node)) add(node, 'everything');
    } else if (ts.isParameter(node) && hasModifier(node, ts.SyntaxKind.PrivateKeyword)) add(node, 'everything');
    if ((ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)) && node.initializer !== undefined && ts.isFunctionExpression(node.initializer)) texts.push(`${name ?? ''}()`);
    if (ts.isVariableDeclaration(node) && node.type === undefined) {
      if (name !== null && visible.has(name)) texts.push(String(node.initializer?.kind));
      if (node.initializer === undefined || isEvolving(ts, node.initializer)) texts.push('evolving');
      else if (isConstant(ts, node.initializer)) add(node.initializer, 'constants');
      else if (ts.isCallExpression(node.initializer) || ts.isNewExpression(node.initializer)) add(node.initializer, 'ingredients');
    }
    // Its properties keep their comments, of which declarations show those of this file only.
    if (ts.isSpreadAssignment(node)) add(node.expression, 'ingredients');
    ts.forEachChild(node, visit);
  };
  visit(statement);
  return { texts, words };
}

/** Private, or one of `#those` in a class whose types are compared by what is in it. */
function isHiddenMember(ts: TypeScriptModule, node: TypeScript.Node): boolean {
  if (hasModifier(node, ts.SyntaxKind.PrivateKeyword)) return true;
  const { name, parent } = node as { name?: TypeScript.Node; parent: { typeParameters?: readonly unknown[] } };
  return name !== undefined && ts.isPrivateIdentifier(name) && (parent.typeParameters ?? []).length > 0;
}

/** How far: through everything of the file's top level, through what may be a constant, or through what a value is made from, functions left out. */
type Reach = 'everything' | 'constants' | 'ingredients';

/** What stands there, and all of the file's top level that it is made from. */
function reachedFrom(node: TypeScript.Node, reach: Reach, { ts, locals }: Marking): Found {
  const found = new Set<TypeScript.Node>([node]);
  const words = new Map<string, Names>();
  const visit = (inner: TypeScript.Node): void => {
    const [word, ...path] = pathOf(ts, inner) ?? [];
    if (word !== undefined) {
      addName(words, word, alongPath(path));
      for (const statement of locals.get(word) ?? []) {
        if (found.has(statement) || (reach !== 'everything' && !declaresConstant(ts, statement, word))) continue;
        found.add(statement);
        visit(statement);
      }
    } else if (reach !== 'ingredients' || !ts.isFunctionLike(inner)) ts.forEachChild(inner, visit);
  };
  visit(node);
  return { texts: [...found].map((one) => one.getText()), words };
}

function declaresConstant(ts: TypeScriptModule, statement: TypeScript.Statement, name: string): boolean {
  return ts.isVariableStatement(statement) && statement.declarationList.declarations.some((one) => ts.isIdentifier(one.name) && one.name.text === name && one.initializer !== undefined && (ts.isLiteralExpression(one.initializer) || isConstant(ts, one.initializer)));
}

/** Something that the compiler may work out to a number or a text. */
function isConstant(ts: TypeScriptModule, node: TypeScript.Expression): boolean {
  return ts.isBinaryExpression(node) || ts.isPrefixUnaryExpression(node) || ts.isParenthesizedExpression(node) || ts.isTemplateExpression(node) || ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
}

/** What it is depends on what is put into it. */
function isEvolving(ts: TypeScriptModule, initializer: TypeScript.Expression): boolean {
  if (initializer.kind === ts.SyntaxKind.NullKeyword) return true;
  return ts.isIdentifier(initializer) ? initializer.text === 'undefined' : ts.isArrayLiteralExpression(initializer) && initializer.elements.length === 0;
}
