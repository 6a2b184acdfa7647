import path from 'node:path';
import { Linter, type SourceCode } from 'eslint';
import jsdoc from 'eslint-plugin-jsdoc';
import noUnsanitized from 'eslint-plugin-no-unsanitized';
import regexp from 'eslint-plugin-regexp';
import security from 'eslint-plugin-security';
import tseslint from 'typescript-eslint';
import { isDeclaration } from '../text/script-files.ts';
import { ownPlugin } from './own-plugin.ts';

/** Names that no-implied-eval takes for the global functions. */
const GLOBALS = Object.fromEntries(['window', 'global', 'self', 'setTimeout', 'setInterval', 'setImmediate', 'execScript', 'require', 'module', 'exports'].map((name) => [name, 'readonly'] as const));

const PLUGINS = { jsdoc, 'no-unsanitized': noUnsanitized, regexp, security, 'spark-gates': ownPlugin };

/** Our own ESLint, deaf to the project's configuration; comments that silence these very rules are honoured, and counted by the pass. */
export class RuleLinter {
  readonly #linter: Linter;
  readonly #configs = new Map<string, Linter.Config[]>();

  constructor(root: string) {
    this.#linter = new Linter({ configType: 'flat', cwd: root });
  }

  /** What the last text that parsed was read as. */
  get sourceCode(): SourceCode {
    return this.#linter.getSourceCode();
  }

  /** Reports of the given rules, and the one fatal report of a text that does not parse. `heedComments`: whether comments may silence them. */
  lint(file: string, text: string, rules: Linter.RulesRecord, heedComments = true): Linter.LintMessage[] {
    const sourceType = file.endsWith('.cjs') ? 'commonjs' : 'module';
    const key = `${Object.keys(rules).join()} ${sourceType}`;
    const config = this.#configs.get(key) ?? configOf(rules, sourceType);
    this.#configs.set(key, config);
    return this.#linter.verify(text, config, { filename: standInFor(file), allowInlineConfig: heedComments }).filter((message) => {
      if (message.fatal === true) return true;
      // ESLint says so when it left a file alone: no rule ran, which must never look like a clean file.
      if (message.ruleId === null && message.severity === 1) throw new Error(`ESLint did not lint ${file}: ${message.message}`);
      // Comments of the project may configure rules that this pass doesn't know; ESLint complains of those under their names.
      return message.ruleId !== null && message.ruleId in rules && !message.message.startsWith('Inline configuration for rule');
    });
  }
}

/** Only its extension matters to the parser; folders such as node_modules or .git in its path would make ESLint ignore it. */
function standInFor(file: string): string {
  const suffix = isDeclaration(file) ? /\.[cm]?ts$/.exec(file)?.[0].replace('.', '.d.') : path.posix.extname(file);
  return `source${suffix ?? ''}`;
}

function configOf(rules: Linter.RulesRecord, sourceType: 'module' | 'commonjs'): Linter.Config[] {
  return [{
    // A pattern without an extension would match nothing by itself: ESLint lints only what is named by kind.
    files: ['**/*.{ts,mts,cts,tsx,js,mjs,cjs,jsx}'],
    plugins: PLUGINS,
    languageOptions: {
      parser: tseslint.parser,
      sourceType,
      globals: GLOBALS,
      parserOptions: { ecmaFeatures: { jsx: true }, jsDocParsingMode: 'none', warnOnUnsupportedTypeScriptVersion: false },
    },
    linterOptions: { reportUnusedDisableDirectives: 'off', reportUnusedInlineConfigs: 'off' },
    settings: { jsdoc: { mode: 'typescript' } },
    rules,
  }];
}
