import path from 'node:path';
import { isRecord } from '../system/is-record.ts';
import { readTextIfThere } from '../system/read-text.ts';

/** What we read of a package.json. A key of the wrong type counts as absent: npm has the say about it, not we. */
export interface PackageJson {
  readonly name: string | null;
  readonly private: boolean;
  readonly packageManager: string | null;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  /** `workspaces`, or its `packages`; null when not declared. */
  readonly workspaces: readonly string[] | null;
  /** Everything, for keys that only one tool knows. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export type PackageJsonResult =
  | { readonly kind: 'found'; readonly json: PackageJson }
  | { readonly kind: 'missing' }
  | { readonly kind: 'broken'; readonly message: string };

/** Reads `folder`/package.json (`folder` absolute). */
export function readPackageJson(folder: string): PackageJsonResult {
  const text = readTextIfThere(path.join(folder, 'package.json'));
  if (text === null) return { kind: 'missing' };
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (error) {
    return { kind: 'broken', message: `is not valid JSON (${error instanceof Error ? error.message : String(error)}); correct it` };
  }
  if (!isRecord(raw)) return { kind: 'broken', message: 'is not a JSON object; correct it' };
  return { kind: 'found', json: pick(raw) };
}

function pick(raw: Readonly<Record<string, unknown>>): PackageJson {
  return {
    name: typeof raw.name === 'string' && raw.name !== '' ? raw.name : null,
    private: raw.private === true,
    packageManager: typeof raw.packageManager === 'string' ? raw.packageManager : null,
    scripts: strings(raw.scripts),
    dependencies: strings(raw.dependencies),
    devDependencies: strings(raw.devDependencies),
    optionalDependencies: strings(raw.optionalDependencies),
    peerDependencies: strings(raw.peerDependencies),
    workspaces: patterns(isRecord(raw.workspaces) ? raw.workspaces.packages : raw.workspaces),
    raw,
  };
}

function strings(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

/** A list of globs; null when it is none. */
export function patterns(value: unknown): string[] | null {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string' && item !== '') : null;
}
