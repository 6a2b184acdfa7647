import type { Linter, SourceCode } from 'eslint';
import { isMisspelt, tagAt } from './doc-tags.ts';
import { isOverloaded } from './overloads.ts';
import { isDeclaration, isSupportCode } from '../text/script-files.ts';

/** A set of rules that one gate asks for. Kept small on purpose: each rule here fails somebody's build. */
export interface RuleSet {
  readonly rules: Linter.RulesRecord;
  /** Narrows the gate's files further. */
  applies(file: string): boolean;
  /** Drops reports that the rule's own options can't tell apart. */
  keep?(message: Linter.LintMessage, sourceCode: SourceCode): boolean;
}

const isProduct = (file: string): boolean => !isDeclaration(file) && !isSupportCode(file);

const HTML_METHODS = {
  insertAdjacentHTML: { properties: [1] },
  createContextualFragment: { properties: [0] },
  setHTMLUnsafe: { properties: [0] },
  parseHTMLUnsafe: { properties: [0] },
  write: { objectMatches: ['^document$'], properties: [0] },
  writeln: { objectMatches: ['^document$'], properties: [0] },
};

/** Code that a healthy project does not have: each report is worth a look. */
const dangerous: Linter.RulesRecord = {
  'security/detect-eval-with-expression': 'error',
  'spark-gates/no-dynamic-function': 'error',
  'no-implied-eval': 'error',
  'security/detect-buffer-noassert': 'error',
  'security/detect-new-buffer': 'error',
  'security/detect-disable-mustache-escape': 'error',
  'security/detect-no-csrf-before-method-override': 'error',
  // Its defaults also report every import() of a variable, which is how Node loads plugins.
  'no-unsanitized/method': ['error', { defaultDisable: true }, HTML_METHODS],
  'no-unsanitized/property': 'error',
};

/**
 * Right more often than not, but with honest exceptions. detect-object-injection is left out even here: it reports every
 * `a[b]`; so are detect-non-literal-fs-filename and -regexp, which report every function that takes a path or a pattern.
 */
const suspicious: Linter.RulesRecord = {
  'no-eval': 'error',
  'no-new-func': 'error',
  'no-script-url': 'error',
  'security/detect-child-process': 'error',
  'security/detect-non-literal-require': 'error',
  'security/detect-unsafe-regex': 'error',
  'security/detect-pseudoRandomBytes': 'error',
  'security/detect-possible-timing-attacks': 'error',
  'security/detect-invisible-characters': 'error',
};

const slow: Linter.RulesRecord = {
  'regexp/no-super-linear-backtracking': ['error', { report: 'certain' }],
  'spark-gates/no-blocking-io-in-async': 'error',
};

const truthfulTags: Linter.RulesRecord = {
  'jsdoc/check-param-names': ['error', { checkDestructured: false, disableExtraPropertyReporting: true, disableMissingParamChecks: true }],
  'jsdoc/check-property-names': 'error',
  'jsdoc/check-tag-names': ['error', { typed: false }],
};

const publicDeclarations = [
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
  'ExportNamedDeclaration > VariableDeclaration',
];

export const RULE_SETS = {
  /** Text that reads differently from what runs is as dangerous in a test. */
  'security/hidden-text': { rules: { 'security/detect-bidi-characters': 'error' }, applies: () => true },
  'security/recommended': { rules: dangerous, applies: isProduct },
  'security/strict': { rules: { ...dangerous, ...suspicious }, applies: isProduct },
  'performance/recommended': { rules: slow, applies: isProduct },
  /** Awaiting in turn is often meant: order, back-pressure, retries. */
  'performance/strict': { rules: { ...slow, 'regexp/no-super-linear-move': ['error', { report: 'certain' }], 'no-await-in-loop': 'error' }, applies: isProduct },
  'docs/tags': { rules: truthfulTags, applies: () => true, keep: keepDocReport },
  'docs/exports': {
    rules: {
      'jsdoc/require-jsdoc': ['error', {
        publicOnly: { ancestorsOnly: true, esm: true, cjs: true, window: false },
        require: { FunctionDeclaration: true, ClassDeclaration: true, ArrowFunctionExpression: true, FunctionExpression: true, MethodDefinition: false },
        contexts: publicDeclarations,
        enableFixer: false,
        exemptOverloadedImplementations: true,
      }],
    },
    applies: isProduct,
  },
} as const satisfies Readonly<Record<string, RuleSet>>;

export type RuleSetName = keyof typeof RULE_SETS;

function keepDocReport(message: Linter.LintMessage, sourceCode: SourceCode): boolean {
  if (message.ruleId === 'jsdoc/check-tag-names') return isMisspelt(tagAt(sourceCode.text, message.line));
  return message.ruleId !== 'jsdoc/check-param-names' || !isOverloaded(sourceCode, message.line);
}
