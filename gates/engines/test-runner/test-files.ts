const CODE = /\.[cm]?[jt]sx?$/;
const MEASURED = /\.(?:[cm]?[jt]sx?|vue|svelte)$/;
const TEST_NAME = /(?:[._-](?:test|spec|bench|benchmark|test-d|cy)|^test(?:-[^/]*)?)\.[cm]?[jt]sx?$/;
const TEST_FOLDER = /(?:^|\/)(?:tests?|__tests__|__mocks__|__fixtures__|fixtures|bench|benchmarks|e2e|cypress)\//;

/** By the names that runners look for by default, in any of the folders they look into. */
export function looksLikeTestFile(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return CODE.test(file) && !isDeclaration(file) && (TEST_NAME.test(name) || TEST_FOLDER.test(file));
}

/**
 * Whether tests are expected to cover the file: a source, not a test or what belongs to one, not a declaration file, not
 * configuration of a tool.
 */
export function isMeasuredSource(file: string): boolean {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return MEASURED.test(file)
    && !isDeclaration(file)
    && !TEST_NAME.test(name)
    && !TEST_FOLDER.test(file)
    && !/\.(?:config|workspace|stories)\.[cm]?[jt]sx?$/.test(name)
    && !file.split('/').some((part) => part.startsWith('.'));
}

function isDeclaration(file: string): boolean {
  return /\.d(?:\.[^./]+)?\.[cm]?ts$/.test(file);
}
