import { json, TOOLS, TYPED_LINT, type Corpus } from './corpus.ts';

/** Loads the package and looks that it exports something: its own tests are not published. */
function smokeTest(entry: string): string {
  return `import { expect, test } from 'vitest';\nimport * as entry from '${entry}';\n\ntest('it loads', () => {\n  expect(Object.keys(entry).length).toBeGreaterThan(0);\n});\n`;
}

const VITEST = "import { defineConfig } from 'vitest/config';\n\nexport default defineConfig({ test: { include: ['test/**/*.test.ts'] } });\n";

const README = '# Corpus\n\nSources of a published package, to measure on.\n';

/** About 25 files: for a first look, and for `--quick`. */
export const queryCore: Corpus = {
  name: 'query-core',
  title: '@tanstack/query-core, typed lint, a smoke test',
  source: { package: '@tanstack/query-core', version: '5.108.0' },
  take: ['src'],
  leave: /__tests__/,
  devDependencies: { ...TOOLS, '@types/node': '22.20.5' },
  files: {
    'README.md': README,
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true, skipLibCheck: true, types: ['node'] }, include: ['src', 'test'] }),
    'eslint.config.js': TYPED_LINT,
    'vitest.config.ts': VITEST,
    'test/load.test.ts': smokeTest('../src/index'),
  },
};

/** About 100 files. */
export const reduxToolkit: Corpus = {
  name: 'redux-toolkit',
  title: '@reduxjs/toolkit, typed lint, a smoke test',
  source: { package: '@reduxjs/toolkit', version: '2.14.0' },
  take: ['src'],
  leave: /(?:^|\/)tests\//,
  devDependencies: { ...TOOLS, '@types/node': '22.20.5', '@types/react': '19.2.2', immer: '10.1.3', react: '19.2.0', 'react-redux': '9.2.0', redux: '5.0.1', 'redux-thunk': '3.1.0', reselect: '5.1.1', '@standard-schema/spec': '1.0.0', '@standard-schema/utils': '0.3.0' },
  files: {
    'README.md': README,
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', lib: ['es2023', 'dom'], jsx: 'react-jsx', module: 'esnext', moduleResolution: 'bundler', strict: true, noEmit: true, skipLibCheck: true, types: ['node'], paths: { '@reduxjs/toolkit': ['./src/index.ts'], '@reduxjs/toolkit/query': ['./src/query/index.ts'], '@reduxjs/toolkit/react': ['./src/react/index.ts'], '@reduxjs/toolkit/query/react': ['./src/query/react/index.ts'], '@internal/*': ['./src/*'] } }, include: ['src', 'test'] }),
    'eslint.config.js': TYPED_LINT,
    'vitest.config.ts': "import { defineConfig } from 'vitest/config';\n\nexport default defineConfig({ resolve: { alias: { '@internal': new URL('./src', import.meta.url).pathname, '@reduxjs/toolkit/query': new URL('./src/query/index.ts', import.meta.url).pathname, '@reduxjs/toolkit': new URL('./src/index.ts', import.meta.url).pathname } }, test: { include: ['test/**/*.test.ts'] } });\n",
    'test/load.test.ts': smokeTest('../src/index'),
  },
};

/** About 250 files. */
export const rxjs: Corpus = {
  name: 'rxjs',
  title: 'rxjs, typed lint, a smoke test',
  source: { package: 'rxjs', version: '7.8.2' },
  take: ['src'],
  leave: /\.json$|BUILD\.bazel$/,
  devDependencies: { ...TOOLS, '@types/node': '22.20.5', tslib: '2.8.1' },
  files: {
    'README.md': README,
    'tsconfig.json': json({ compilerOptions: { target: 'es2022', lib: ['es2023', 'dom'], module: 'esnext', moduleResolution: 'bundler', strict: true, useDefineForClassFields: false, noEmit: true, skipLibCheck: true, types: ['node'] }, include: ['src', 'test'] }),
    'eslint.config.js': TYPED_LINT,
    'vitest.config.ts': VITEST,
    'test/load.test.ts': smokeTest('../src/index'),
  },
};
