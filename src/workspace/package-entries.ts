import { compareText } from '../model/finding.ts';
import { isRecord } from '../system/is-record.ts';

/**
 * Every file that a package.json names for `subpath` ('.' or './x'), whatever the condition; relative, without `./`. They need
 * not exist: this is how an import of a package that is not built yet is led back to its sources.
 */
export function entryTargets(raw: Readonly<Record<string, unknown>>, subpath: string): string[] {
  const found = new Set<string>();
  const exported = raw.exports;
  if (exported === undefined) {
    if (subpath === '.') for (const key of ['source', 'main', 'module', 'types', 'typings']) addLeaves(raw[key], '', found);
    else found.add(subpath.slice(2));
  } else if (isRecord(exported) && Object.keys(exported).some((key) => key.startsWith('.'))) {
    for (const [key, star] of matchingKeys(Object.keys(exported), subpath)) addLeaves(exported[key], star, found);
  } else if (subpath === '.') addLeaves(exported, '', found);
  return [...found].sort(compareText);
}

/** The same for `#name` in `imports`. Targets that are other packages are left out. */
export function importTargets(raw: Readonly<Record<string, unknown>>, specifier: string): string[] {
  const found = new Set<string>();
  if (isRecord(raw.imports)) {
    for (const [key, star] of matchingKeys(Object.keys(raw.imports), specifier)) addLeaves(raw.imports[key], star, found);
  }
  return [...found].sort(compareText);
}

/** The exact key, else the patterns that match, longest first; with what the star stands for. */
function matchingKeys(keys: readonly string[], wanted: string): [key: string, star: string][] {
  if (keys.includes(wanted)) return [[wanted, '']];
  return keys.flatMap((key): [string, string][] => {
    const [before = '', after] = key.split('*');
    if (after === undefined) return key.endsWith('/') && wanted.startsWith(key) ? [[key, wanted.slice(key.length)]] : [];
    const fits = wanted.startsWith(before) && wanted.endsWith(after) && wanted.length > before.length + after.length;
    return fits ? [[key, wanted.slice(before.length, wanted.length - after.length)]] : [];
  }).sort(([a], [b]) => b.length - a.length).slice(0, 1);
}

function addLeaves(value: unknown, star: string, found: Set<string>): void {
  if (typeof value === 'string') {
    const target = value.endsWith('/') ? value + star : value.replaceAll('*', () => star);
    if (!target.startsWith('#') && target !== '') found.add(target.replace(/^\.\//, ''));
  } else if (Array.isArray(value)) for (const item of value as readonly unknown[]) addLeaves(item, star, found);
  else if (isRecord(value)) for (const item of Object.values(value)) addLeaves(item, star, found);
}
