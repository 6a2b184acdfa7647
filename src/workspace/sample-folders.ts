/** Folders of projects that are data of this one: fixtures of its tests, templates, examples. */
const SAMPLES = /(?:^|\/)(?:fixtures|__fixtures__|testdata|templates?|template-[^/]+|examples?)\//;

/** True of a file in such a folder: what it configures is no part of the workspace unless somebody names it. */
export function isInSample(file: string): boolean {
  return SAMPLES.test(file);
}
