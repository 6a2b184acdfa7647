import { z } from 'zod';

/**
 * Plugins whose rules look at nothing but the file they lint, its types, and settings. Left out on purpose are those
 * that follow imports or look at other files: import, import-x, n, node, boundaries, tailwindcss, next, storybook, prettier.
 * By the name that they give themselves, since a configuration may call them what it likes.
 */
const KNOWN_PLUGINS = new Set([
  '@typescript-eslint/eslint-plugin', 'eslint-plugin-regexp', 'eslint-plugin-jsdoc', 'eslint-plugin-unicorn', '@stylistic/eslint-plugin', 'eslint-plugin-react', 'eslint-plugin-react-hooks',
  'eslint-plugin-react-refresh', 'eslint-plugin-jsx-a11y', '@vitest/eslint-plugin', 'eslint-plugin-vitest', 'eslint-plugin-jest', 'eslint-plugin-security', 'eslint-plugin-no-unsanitized', 'eslint-plugin-promise',
  'eslint-plugin-simple-import-sort', 'eslint-plugin-unused-imports', 'eslint-plugin-sonarjs', 'eslint-plugin-testing-library', '@eslint-community/eslint-plugin-eslint-comments', 'eslint-plugin-es-x',
]);

/** Rules of theirs that look whether another file is there: of Jest's plugin, and of unicorn. */
const AROUND = new Set(['valid-mock-module-path', 'no-missing-local-resource']);

/** These parse one file at a time. Of the parsers of other languages some read their own configuration. */
const KNOWN_PARSERS = new Set(['espree', 'typescript-eslint/parser', '@typescript-eslint/parser']);

/** What configurations import besides, and what reads no more. */
const KNOWN_PACKAGES = new Set([...KNOWN_PLUGINS, '@eslint/js', '@typescript-eslint/parser', 'eslint', 'eslint-config-prettier', 'globals', 'typescript-eslint']);

/** Whether a package reads nothing of the project but settings while a configuration is made with it. */
export function readsSettingsAlone(name: string): boolean {
  return KNOWN_PACKAGES.has(name);
}

const named = z.looseObject({ meta: z.looseObject({ name: z.string().optional() }).optional(), name: z.string().optional() });
const config = z.looseObject({
  plugins: z.record(z.string(), z.unknown()).optional(),
  processor: z.unknown().optional(),
  languageOptions: z.looseObject({ parser: z.unknown().optional() }).optional(),
});

/** Whether all that a computed flat configuration does to a file depends on that file. `rules`: those that are on. */
export function looksAtOneFile(computed: unknown, rules: readonly string[]): boolean {
  const { plugins = {}, processor, languageOptions } = config.parse(computed);
  if (processor !== undefined && processor !== null) return false;
  if (languageOptions?.parser !== undefined && !KNOWN_PARSERS.has(nameOf(languageOptions.parser) ?? '')) return false;
  if (rules.some((rule) => AROUND.has(rule.slice(rule.lastIndexOf('/') + 1)))) return false;
  const prefixes = new Set(rules.filter((rule) => rule.includes('/')).map((rule) => rule.slice(0, rule.lastIndexOf('/'))));
  return [...prefixes].every((prefix) => KNOWN_PLUGINS.has(nameOf(plugins[prefix]) ?? ''));
}

function nameOf(value: unknown): string | null {
  const parsed = named.safeParse(value);
  return parsed.success ? (parsed.data.meta?.name ?? parsed.data.name ?? null) : null;
}
