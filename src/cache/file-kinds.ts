/**
 * What a compiler, a linter or a bundler's resolution does not read unless it is told to lint it: prose, pictures, fonts, sound,
 * archives, snapshots of tests. Everything else may be a configuration of something.
 */
const INERT = /\.(?:md|markdown|mdx|rst|adoc|snap|png|jpe?g|gif|webp|avif|ico|bmp|tiff?|svg|pdf|woff2?|ttf|otf|eot|mp[34]|m4a|wav|ogg|webm|mov|zip|t?gz|bz2|xz|7z|tar)$/i;

export function isInert(file: string): boolean {
  return INERT.test(file);
}

/** What may name variables of the environment, or files outside: code, configuration, scripts, and whatever has no ending. */
const SCANNED = new RegExp(`(?:\\.(?:${[
  '[cm]?[jt]sx?|vue|svelte|astro|coffee|jsonc?|json5|ya?ml|toml|env[^/]*|properties|ini|cfg|conf|xml|prisma',
  '(?:ba|z|k|da|fi)?sh|bats|awk|ps1|psm1|bat|cmd|just|mk|cmake|gradle|bzl|nix|tf|hcl',
  'py|rb|rake|gemspec|php|p[lm]|lua|tcl|r|jl|exs?|erl|clj|groovy|scala|kts?|java|cs|fs|swift|go|rs|c|h|cc|cpp|hpp|m|mm|d|zig|nim|dart',
  'ejs|hbs|mustache|liquid|njk|jinja2?|j2|tpl|tmpl|template|example|sample|dist',
].join('|')})|(?:^|/)(?:\\.[^./]+|\\.env[^/]*|[a-z]+file\\.[^/]+|[^./]+))$`, 'i');
const LOCKFILE = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|bun\.lock)$/;

export function isScanned(file: string): boolean {
  return SCANNED.test(file) && !LOCKFILE.test(file);
}

const SHELL = /(?:\.(?:(?:ba|z|k|da|fi)?sh|bats|ps1|bat|cmd|just|mk)|(?:^|\/)(?:[^./]+|[A-Za-z]+file\.[^/]+))$/;

/** Of which every word may be a program's name. */
export function isShell(file: string): boolean {
  return SHELL.test(file);
}

/** What git itself or a service runs, and no check: it may ask git whatever it likes. */
const OF_GIT = /^(?:\.husky|\.githooks|\.git-hooks|\.circleci|\.github\/workflows)\/|^(?:\.?lefthook(?:-local)?\.ya?ml|\.pre-commit-config\.yaml|\.gitlab-ci\.yml|\.gitignore|\.gitattributes|\.npmignore|\.dockerignore|\.prettierignore)$/;

export function isOfGit(file: string): boolean {
  return OF_GIT.test(file);
}

/** Folders of which tools are known to keep what they made for themselves; and what editors leave. */
const OUTPUT_FOLDERS = new Set([
  'coverage', '.nyc_output', '.cache', '.turbo', '.nx', '.wireit', '.parcel-cache', '.vite', '.vitest', '.vite-temp', '.rollup.cache', '.eslintcache', '.stylelintcache',
  '.stryker-tmp', 'test-results', 'playwright-report', 'tmp', 'temp', '.tmp', '.temp', 'logs', '__pycache__', '.idea', '.vscode', '.fleet', '.DS_Store', '.git', '.hg', '.svn', '.jj',
]);
const OUTPUT_FILES = /(?:\.log|\.tsbuildinfo|\.pid|\.swp|~|\.heapsnapshot|\.cpuprofile)$/;

/** Whether an ignored file or folder of this name is made by tools for themselves, so that no check's result depends on it. */
export function isOutputName(name: string): boolean {
  return OUTPUT_FOLDERS.has(name) || OUTPUT_FILES.test(name);
}

/** The same inside of a folder that is ignored as a whole: there `logs` or `tmp` may be a part of what was generated, like any other. */
export function isOutputNameInside(name: string): boolean {
  return OUTPUT_FILES.test(name) || (OUTPUT_FOLDERS.has(name) && /^[._]/.test(name));
}

/** What lies in a node_modules and is no package: caches of tools, and the package manager's own diary. */
const NO_PACKAGES = new Set(['.cache', '.vite', '.vite-temp', '.vitest', '.tmp', '.modules.yaml', '.pnpm-workspace-state.json', '.pnpm-workspace-state-v1.json', '.yarn-state.yml', '.staging']);

export function isPackageName(name: string): boolean {
  return !NO_PACKAGES.has(name);
}
