import path from 'node:path';

/** How a file's text is to be parsed; `plain` files are only searched for conflict markers. */
export type FileKind = 'script' | 'json' | 'jsonc' | 'yaml' | 'rc' | 'plain';

/**
 * Files named .json whose own readers accept comments and trailing commas: TypeScript, VS Code, dev containers, API Extractor,
 * Rush, Biome, oxlint, Turborepo, Nx, Angular, Wrangler, Deno, Knip, cspell, Renovate, Babel, TypeDoc, TSLint, ESLint, markdownlint.
 */
const JSONC_NAMES = [
  /^(?:.+\.)?tsconfig(?:[.-].+)?\.json$/,
  /^(?:.+\.)?jsconfig(?:[.-].+)?\.json$/,
  /^\.?devcontainer\.json$/,
  /^api-extractor(?:[.-].+)?\.json$/,
  /^(?:rush|turbo|nx|project|angular|wrangler|deno|biome|knip|\.?cspell|renovate|babel\.config|typedoc|tslint|tsdoc|language-configuration)\.json$/,
  /^\.(?:oxlintrc|oxfmtrc|eslintrc|babelrc|markdownlint|jscpd|hintrc)\.json$/,
  /\.jsonc$/,
  /\.code-workspace$/,
  /^\.(?:babelrc|swcrc|jshintrc)$/,
];

/** Folders in which every .json file is JSONC. */
const JSONC_FOLDERS = /(?:^|\/)(?:\.vscode|\.devcontainer|common\/config\/rush)\//;

/** Configuration without an extension, JSON or YAML as its author likes. */
const RC_NAMES = new Set(['.eslintrc', '.prettierrc', '.stylelintrc', '.lintstagedrc', '.commitlintrc']);

/** Extensions whose files are text by definition: anything else that is no UTF-8 is taken for binary. */
const TEXT_EXTENSIONS = new Set(
  ('.md .mdx .markdown .txt .html .htm .css .scss .sass .less .styl .vue .svelte .astro .graphql .gql .toml .ini .sh .bash .zsh .py .rb .go .rs .java .kt ' +
    '.c .h .cc .cpp .hpp .cs .php .sql .prisma .proto .xml .svg .csv .json5 .env .properties').split(' '),
);

const SCRIPT = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export function fileKindOf(file: string): FileKind {
  const name = path.posix.basename(file);
  if (SCRIPT.test(name)) return 'script';
  if (RC_NAMES.has(name)) return 'rc';
  if (JSONC_NAMES.some((pattern) => pattern.test(name))) return 'jsonc';
  if (name.endsWith('.json')) return JSONC_FOLDERS.test(file) ? 'jsonc' : 'json';
  return /\.ya?ml$/.test(name) ? 'yaml' : 'plain';
}

/** True when the file must be text, whatever its bytes look like. */
export function mustBeText(file: string): boolean {
  return fileKindOf(file) !== 'plain' || TEXT_EXTENSIONS.has(path.posix.extname(file));
}
