import { json, TOOLS, TYPED_LINT, type Corpus } from './corpus.ts';

/** What zod does on purpose, thousands of times: a project that is linted has few findings, and its reports are short. */
const ON_PURPOSE = ['ban-ts-comment', 'no-empty-object-type', 'no-explicit-any', 'no-unnecessary-type-assertion', 'no-unsafe-argument', 'no-unsafe-assignment', 'no-unsafe-call', 'no-unsafe-member-access', 'no-unsafe-return', 'no-unused-expressions', 'no-unused-vars', 'require-await', 'unbound-method'];

const LINT = TYPED_LINT.replace(/\);\n$/, `  { rules: { ${ON_PURPOSE.map((rule) => `'@typescript-eslint/${rule}': 'off'`).join(', ')} } },\n);\n`);

/** More than 300 files, with their own tests. */
export const zod: Corpus = {
  name: 'zod',
  title: 'zod with its tests, typed lint',
  source: { package: 'zod', version: '4.6.7' },
  take: ['src', 'LICENSE', 'README.md'],
  // About the published bundle, and with packages of their own.
  leave: /treeshake\.test\.ts$|\/benchmarks(?:\/|$)/,
  devDependencies: { ...TOOLS, '@seriousme/openapi-schema-validator': '2.11.0', '@types/node': '22.20.5', '@web-std/file': '3.0.3', ajv: '8.20.0', esbuild: '0.28.2', recheck: '4.5.0', 'ts-morph': '28.0.0', zshy: '0.8.0' },
  manifest: {
    // It imports itself by its name.
    name: 'zod',
    exports: Object.fromEntries(['', '/v3', '/v4', '/mini', '/v4-mini', '/v4/core', '/locales', '/v4/mini'].map((part) => [`.${part}`, `./src${part}/index.ts`]).concat([['./compile', './src/compile.ts'], ['./v4/locales/*', './src/v4/locales/*']])),
  },
  files: {
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true, skipLibCheck: true, customConditions: ['@zod/source'], allowImportingTsExtensions: true, types: ['node'] }, include: ['src'] }),
    'eslint.config.js': LINT,
    'vitest.config.ts': "import { defineConfig } from 'vitest/config';\n\nexport default defineConfig({ test: { include: ['src/**/*.test.ts'] } });\n",
  },
};

/**
 * The same by TypeScript 7. typescript-eslint needs the compiler API of TypeScript 6, which it finds in a package of its own: so do projects
 * that have both.
 */
export const zodTs7: Corpus = {
  ...zod,
  name: 'zod-ts7',
  title: 'zod with its tests, TypeScript 7, typed lint by TypeScript 6',
  devDependencies: Object.fromEntries([...Object.entries(zod.devDependencies).filter(([name]) => name !== 'typescript-eslint'), ['typescript', '7.0.2']]),
  inner: { lint: { typescript: TOOLS.typescript, 'typescript-eslint': TOOLS['typescript-eslint'], eslint: TOOLS.eslint } },
  files: {
    ...zod.files,
    'lint/index.js': "export { default } from 'typescript-eslint';\n",
    'eslint.config.js': LINT.replace("'typescript-eslint'", "'./lint/index.js'").replace("'*.js'", "'**/*.js'"),
  },
};
