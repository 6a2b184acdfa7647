import { majorOf } from '../typescript/load.ts';

/** Why an ESLint of this version cannot read a configuration of this kind, as a sentence about the file; null when it can. */
export function unreadableBy(version: string, isFlat: boolean): string | null {
  if (!isFlat) return majorOf(version) >= 10 ? `ESLint ${version} no longer reads it: migrate to eslint.config.js` : null;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < 8 || (major === 8 && minor < 57) ? `ESLint ${version} cannot read it from a program: update ESLint to 8.57 or later` : null;
}
