/** TypeScript or JavaScript by its extension; minified files are output, not source. */
export function isScript(file: string): boolean {
  return /\.(?:[cm]?[jt]s|[jt]sx)$/.test(file) && !/[.-]min\.[cm]?js$/.test(file);
}

/** `.d.ts`, `.d.mts`, `.d.css.ts`: types only, nothing runs. */
export function isDeclaration(file: string): boolean {
  return /\.d(?:\.[^./]+)?\.[cm]?ts$/.test(file);
}

/** Tests, fixtures, mocks, benchmarks, stories, examples, scripts, tool configuration: code that no user of the product runs. */
export function isSupportCode(file: string): boolean {
  return (
    /(?:^|\/)(?:tests?|specs?|e2e|__tests__|__mocks__|__fixtures__|fixtures|mocks?|bench(?:marks?)?|stories|examples?|scripts?|tools?|tasks?|build|\.[^/]+)\//.test(file) ||
    /[.-](?:tests?|spec|e2e|bench(?:mark)?|stories|fixture|mock|config|conf|setup)(?:-d)?\.[cm]?[jt]sx?$/.test(file) ||
    /(?:^|\/)(?:gulpfile|gruntfile|jakefile|webpack\.[^/]+|rollup\.[^/]+|karma\.[^/]+|\.[^/]+)\.[cm]?[jt]sx?$/i.test(file)
  );
}
