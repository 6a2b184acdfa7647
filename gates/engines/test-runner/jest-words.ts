/** Options of Jest that take the next word as their value. */
const VALUED = new Set([
  'cacheDirectory', 'changedSince', 'config', 'c', 'coverageDirectory', 'coverageProvider', 'coverageThreshold', 'dependencyExtractor', 'env', 'filter', 'globalSetup', 'globals', 'globalTeardown',
  'haste', 'maxConcurrency', 'maxWorkers', 'w', 'moduleNameMapper', 'notifyMode', 'outputFile', 'prettierPath', 'preset', 'resolver', 'rootDir', 'runner', 'seed', 'shard', 'testEnvironment',
  'testEnvironmentOptions', 'testFailureExitCode', 'testNamePattern', 't', 'testResultsProcessor', 'testRunner', 'testSequencer', 'testTimeout', 'transform', 'workerIdleMemoryLimit',
]);
/** Options that take all words up to the next option. */
const LISTS = new Set([
  'collectCoverageFrom', 'coveragePathIgnorePatterns', 'coverageReporters', 'ignoreProjects', 'moduleDirectories', 'moduleFileExtensions', 'modulePathIgnorePatterns', 'modulePaths', 'projects',
  'reporters', 'roots', 'selectProjects', 'setupFiles', 'setupFilesAfterEnv', 'snapshotSerializers', 'testMatch', 'testPathIgnorePatterns', 'testRegex', 'transformIgnorePatterns',
  'unmockedModulePathPatterns', 'watchPathIgnorePatterns',
]);
/** The patterns themselves, named: `--testPathPattern` before version 30. */
const PATTERNS = /^testPathPatterns?$/;

/** Jest's words without the patterns that choose test files, and those. */
export function splitJestWords(words: readonly string[]): { readonly options: readonly string[]; readonly patterns: readonly string[] } {
  const options: string[] = [];
  const patterns: string[] = [];
  /** Where words without a dash go, and how many more of them. */
  let target = patterns;
  let left = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const [, name = '', value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (word === '--') [target, left] = [patterns, Number.POSITIVE_INFINITY];
    else if (name === '') {
      (left > 0 ? target : patterns).push(word);
      left -= 1;
    } else if (PATTERNS.test(name)) {
      if (value !== undefined) patterns.push(value);
      [target, left] = [patterns, Number.POSITIVE_INFINITY];
    } else {
      options.push(word);
      [target, left] = [options, value !== undefined ? 0 : LISTS.has(name) ? Number.POSITIVE_INFINITY : VALUED.has(name) ? 1 : 0];
    }
  }
  return { options, patterns };
}
