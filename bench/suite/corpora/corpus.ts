/** A real project to measure on: what a package published to npm, made a repository by configuration of ours. Nothing of it is kept in this one. */
export interface Corpus {
  readonly name: string;
  readonly title: string;
  /** The package and its exact version. */
  readonly source: { readonly package: string; readonly version: string };
  /** Folders and files of the package that are taken. */
  readonly take: readonly string[];
  /** Of what is taken, left out: relative posix paths that match. */
  readonly leave?: RegExp;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Packages of their own in folders: for what needs another version of something. */
  readonly inner?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** More of package.json. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Files of ours: tsconfig.json, eslint.config.js, vitest.config.ts and the like, by path. */
  readonly files: Readonly<Record<string, string>>;
}

/** Exact, so that two machines measure the same; what every corpus is checked with. */
export const TOOLS = {
  typescript: '6.0.3',
  eslint: '10.15.0',
  'typescript-eslint': '8.73.0',
  vitest: '4.1.12',
  '@vitest/coverage-v8': '4.1.12',
} as const;

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

export const TYPED_LINT = `import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['*.js', '*.ts'] },
  { files: ['**/*.ts'], extends: [tseslint.configs.recommendedTypeChecked], languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } } },
);
`;
