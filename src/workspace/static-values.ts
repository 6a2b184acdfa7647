import path from 'node:path';
import type { Argument, ArrowFunctionExpression, Expression, ObjectExpression, ObjectPropertyKind, Program } from 'oxc-parser';
import { Visitor } from 'oxc-parser';

/** What a configuration's expressions mean, as far as that can be told without running it. */
export interface StaticValues {
  /** A text, most often a path; null where only running could tell. */
  text(node: Argument | null): string | null;
  /** The properties of an object and of what it spreads, as far as they can be seen. */
  properties(node: Argument | null): readonly ObjectPropertyKind[];
  /** The node itself, or what a constant of that name was given. */
  follow(node: Argument | null): Argument | null;
}

/** Constants that name each other go no deeper than this in any configuration by hand. */
const DEPTH_MAX = 20;

type Bindings = ReadonlyMap<string, Expression | string>;

/** `file`: absolute path of the configuration. `cwd`: where it is run. */
export function readStaticValues(program: Program, file: string, cwd: string): StaticValues {
  const constants = new Map<string, Expression>();
  new Visitor({
    VariableDeclarator({ id, init }) { if (id.type === 'Identifier' && init !== null) constants.set(id.name, init); },
  }).visit(program);
  const evaluator = new Evaluator(constants, file, cwd);
  const follow = (node: Argument | null): Argument | null => {
    let current = node;
    for (let depth = 0; depth < DEPTH_MAX && current !== null; depth += 1) {
      const inner = unwrapped(current);
      const next = inner.type === 'Identifier' ? constants.get(inner.name) : inner === current ? undefined : inner;
      if (next === undefined) return inner;
      current = next;
    }
    return null;
  };
  const properties = (node: Argument | null, depth = 0): readonly ObjectPropertyKind[] => {
    const object = follow(node);
    if (object?.type !== 'ObjectExpression' || depth > DEPTH_MAX) return [];
    return (object satisfies ObjectExpression).properties.flatMap((property) => (property.type === 'SpreadElement' ? properties(property.argument, depth + 1) : [property]));
  };
  return { text: (node) => evaluator.text(node, new Map(), 0), properties, follow };
}

class Evaluator {
  readonly #constants: ReadonlyMap<string, Expression>;
  readonly #file: string;
  readonly #cwd: string;

  constructor(constants: ReadonlyMap<string, Expression>, file: string, cwd: string) {
    this.#constants = constants;
    this.#file = file;
    this.#cwd = cwd;
  }

  text(wrapped: Argument | null | undefined, bindings: Bindings, depth: number): string | null {
    if (wrapped === null || wrapped === undefined || depth > DEPTH_MAX) return null;
    const node = unwrapped(wrapped);
    const of = (inner: Argument | null | undefined): string | null => this.text(inner, bindings, depth + 1);
    if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
    if (node.type === 'TemplateLiteral') {
      const parts = node.quasis.map((quasi, index) => [quasi.value.cooked ?? quasi.value.raw, index < node.expressions.length ? of(node.expressions[index]) : '']);
      return parts.some(([, value]) => value === null) ? null : parts.flat().join('');
    }
    if (node.type === 'BinaryExpression') {
      const [left, right] = node.left.type === 'PrivateIdentifier' ? [null, null] : [of(node.left), of(node.right)];
      return node.operator !== '+' || left === null || right === null ? null : left + right;
    }
    if (node.type === 'Identifier') {
      if (node.name === '__dirname') return path.dirname(this.#file);
      if (node.name === '__filename') return this.#file;
      const bound = bindings.get(node.name) ?? this.#constants.get(node.name);
      return typeof bound === 'string' ? bound : of(bound);
    }
    if (node.type === 'MemberExpression') {
      const name = node.property.type === 'Identifier' ? node.property.name : '';
      if (node.object.type === 'MetaProperty') return name === 'dirname' ? path.dirname(this.#file) : name === 'url' || name === 'filename' ? this.#file : null;
      return name === 'pathname' || name === 'href' ? of(node.object) : null;
    }
    if (node.type === 'NewExpression') return nameOf(node.callee) === 'URL' ? this.#url(of(node.arguments[0]), of(node.arguments[1])) : null;
    return node.type === 'CallExpression' ? this.#call(nameOf(node.callee), node.arguments.map(of), depth) : null;
  }

  #url(to: string | null, from: string | null): string | null {
    return to === null || from === null ? null : path.resolve(path.dirname(from), to);
  }

  #call(name: string, values: readonly (string | null)[], depth: number): string | null {
    if (name === 'cwd') return this.#cwd;
    const texts = values.filter((value) => value !== null);
    if (texts.length < values.length) return null;
    const [first = null] = texts;
    if (name === 'resolve') return path.resolve(this.#cwd, ...texts);
    if (name === 'join') return path.join(...texts);
    if (name === 'dirname') return first === null ? null : path.dirname(first);
    if (name === 'fileURLToPath' || name === 'normalizePath' || name === 'normalize') return first;
    const own = this.#constants.get(name);
    return own?.type === 'ArrowFunctionExpression' ? this.#inline(own, texts, depth) : null;
  }

  /** `const at = (name) => path.resolve(__dirname, name)`. */
  #inline({ params, body }: ArrowFunctionExpression, values: readonly string[], depth: number): string | null {
    const [only] = body.type === 'BlockStatement' ? body.body : [];
    const result = body.type !== 'BlockStatement' ? body : only?.type === 'ReturnStatement' ? only.argument : null;
    return this.text(result, bindingsOf(params, values), depth + 1);
  }
}

function bindingsOf(params: ArrowFunctionExpression['params'], values: readonly string[]): Bindings {
  return new Map(params.flatMap((param, index) => (param.type === 'Identifier' && values[index] !== undefined ? [[param.name, values[index]] as const] : [])));
}

function nameOf(callee: Expression): string {
  if (callee.type === 'Identifier') return callee.name;
  return callee.type === 'MemberExpression' && callee.property.type === 'Identifier' ? callee.property.name : '';
}

function unwrapped(node: Argument): Argument {
  let current = node;
  while (current.type === 'TSAsExpression' || current.type === 'TSSatisfiesExpression' || current.type === 'TSNonNullExpression' || current.type === 'ParenthesizedExpression') current = current.expression;
  return current;
}
