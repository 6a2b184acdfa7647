import type { Rule, Scope } from 'eslint';
import type { Expression, NewExpression, PrivateIdentifier, SimpleCallExpression, SpreadElement } from 'estree';

/** `new Function(…)` from anything but constant text. `Function('return this')()` is an old way to the global object, and harmless. */
export const noDynamicFunction: Rule.RuleModule = {
  meta: { type: 'problem', schema: [], messages: { dynamic: 'Builds a function from text that is not constant: whoever controls the text runs code.' } },
  create(context) {
    const check = (node: (NewExpression | SimpleCallExpression) & Rule.NodeParentExtension): void => {
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'Function') return;
      if (!isGlobal(context.sourceCode.getScope(node), 'Function')) return;
      if (!node.arguments.every(isConstant)) context.report({ node, messageId: 'dynamic' });
    };
    return { CallExpression: check, NewExpression: check };
  },
};

function isGlobal(scope: Scope.Scope, name: string): boolean {
  for (let current: Scope.Scope | null = scope; current !== null; current = current.upper) {
    const variable = current.set.get(name);
    if (variable !== undefined) return variable.defs.length === 0;
  }
  return true;
}

function isConstant(node: Expression | SpreadElement | PrivateIdentifier): boolean {
  if (node.type === 'Literal') return true;
  if (node.type === 'TemplateLiteral') return node.expressions.every(isConstant);
  return node.type === 'BinaryExpression' && isConstant(node.left) && isConstant(node.right);
}
