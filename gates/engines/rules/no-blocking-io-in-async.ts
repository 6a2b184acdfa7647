import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import zlib from 'node:zlib';
import type { Rule, Scope } from 'eslint';
import type { Expression, Super } from 'estree';

/** existsSync has no promise form, and costs one look. */
const CHEAP = new Set(['existsSync']);

const BLOCKING = new Map(
  Object.entries({ fs, child_process: childProcess, zlib, crypto }).map(([name, module]) => [
    name,
    new Set(Object.keys(module).filter((key) => key.endsWith('Sync') && !CHEAP.has(key))),
  ]),
);

/**
 * A blocking call of fs, child_process, zlib or crypto directly inside an async function: the whole process waits where the
 * author meant only this function to. Scripts with a `#!` line serve one user and may block.
 */
export const noBlockingIoInAsync: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { blocking: '{{name}} blocks the whole process inside an async function; await its asynchronous form.' } },
  create(context) {
    if (context.sourceCode.text.startsWith('#!')) return {};
    const functions: boolean[] = [];
    const enter = (node: { async?: boolean | undefined }): void => { functions.push(node.async === true); };
    const leave = (): void => { functions.pop(); };
    return {
      FunctionDeclaration: enter, FunctionExpression: enter, ArrowFunctionExpression: enter,
      'FunctionDeclaration:exit': leave, 'FunctionExpression:exit': leave, 'ArrowFunctionExpression:exit': leave,
      CallExpression(node) {
        if (functions.at(-1) !== true) return;
        const name = blockingName(node.callee, context.sourceCode.getScope(node));
        if (name !== null) context.report({ node, messageId: 'blocking', data: { name } });
      },
    };
  },
};

function blockingName(callee: Expression | Super, scope: Scope.Scope): string | null {
  if (callee.type === 'Identifier') {
    const binding = bindingOf(callee.name, scope);
    const imported = binding?.imported ?? null;
    return imported !== null && BLOCKING.get(binding?.module ?? '')?.has(imported) === true ? imported : null;
  }
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier' || callee.property.type !== 'Identifier' || callee.computed) return null;
  const binding = bindingOf(callee.object.name, scope);
  const { name } = callee.property;
  return binding !== null && binding.imported === null && BLOCKING.get(binding.module)?.has(name) === true ? name : null;
}

interface Binding {
  /** Without `node:`. */
  readonly module: string;
  /** Null when the name stands for the whole module. */
  readonly imported: string | null;
}

/** What a name in a scope was imported as, by `import` or `require`; null when it was not. */
function bindingOf(name: string, scope: Scope.Scope): Binding | null {
  for (let current: Scope.Scope | null = scope; current !== null; current = current.upper) {
    const definition = current.set.get(name)?.defs[0];
    if (definition !== undefined) return importOf(definition, name);
  }
  return null;
}

function importOf(definition: Scope.Definition, name: string): Binding | null {
  if (definition.type === 'ImportBinding') {
    // TypeScript's `import fs = require('fs')` is an ImportBinding too, with a parent that ESLint's types don't know.
    if ((definition.parent.type as string) !== 'ImportDeclaration') return null;
    const module = moduleName(definition.parent.source.value);
    if (definition.node.type !== 'ImportSpecifier') return { module, imported: null };
    return { module, imported: definition.node.imported.type === 'Identifier' ? definition.node.imported.name : null };
  }
  if (definition.type !== 'Variable') return null;
  const { init, id } = definition.node;
  if (init?.type !== 'CallExpression' || init.callee.type !== 'Identifier' || init.callee.name !== 'require') return null;
  const [argument] = init.arguments;
  if (argument?.type !== 'Literal') return null;
  const module = moduleName(argument.value);
  if (id.type === 'Identifier') return { module, imported: null };
  if (id.type !== 'ObjectPattern') return null;
  const property = id.properties.find((one) => one.type === 'Property' && one.value.type === 'Identifier' && one.value.name === name);
  return property?.type === 'Property' && property.key.type === 'Identifier' ? { module, imported: property.key.name } : null;
}

function moduleName(value: unknown): string {
  return typeof value === 'string' ? value.replace(/^node:/, '') : '';
}
