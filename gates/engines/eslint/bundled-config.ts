import eslint from '@eslint/js';
import type { Linter } from 'eslint';
import tseslint from 'typescript-eslint';

/**
 * For a project that configures no linter: ESLint's and typescript-eslint's recommended rules, without types. `no-undef` is
 * off: without a configuration nobody knows which globals the code has, and in TypeScript the compiler does.
 */
export function bundledConfig(): Linter.Config[] {
  const scripts = { files: ['**/*.{js,cjs,mjs,jsx}'], languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } } };
  return [
    { ignores: ['**/*.min.{js,cjs,mjs}', '**/*.d.{ts,cts,mts}'] },
    { linterOptions: { reportUnusedDisableDirectives: 'off' }, rules: { ...eslint.configs.recommended.rules, 'no-undef': 'off' } },
    scripts,
    { files: ['**/*.cjs'], languageOptions: { sourceType: 'commonjs' } },
    // Its shape is flat configuration by its own tests; its types lag behind ESLint's.
    ...(tseslint.configs.recommended as Linter.Config[]).map((config) => ({ ...config, files: ['**/*.{ts,tsx,mts,cts}'] })),
  ];
}

/** A comment that names a rule of a plugin which we don't have is no fault of the code. */
export function isUnknownRule(message: Linter.LintMessage): boolean {
  return /^(?:Definition for rule '.*' was not found\.|Rule '.*' was removed and replaced by: )/.test(message.message);
}
