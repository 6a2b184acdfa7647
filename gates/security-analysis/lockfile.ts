import { parse as parseJsonc } from 'jsonc-parser';
import { parse as parseYaml, YAMLError } from 'yaml';
import { z } from 'zod';
import type { Check, CheckOutcome } from '../../src/model/check.ts';
import { compareFindings, type Finding } from '../../src/model/finding.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import type { WorkspacePackage } from '../../src/model/workspace.ts';
import { readSourceText } from '../engines/text/source-text.ts';

/** A fault of the lockfile; `needle` is text that stands on the line to show. */
interface Fault {
  readonly rule: string;
  readonly message: string;
  readonly needle: string | null;
}

const declared = z.record(z.string(), z.string()).optional();
const npmEntry = z.looseObject({ version: z.string().optional(), resolved: z.string().optional(), integrity: z.string().optional(), link: z.boolean().optional(), dependencies: declared, devDependencies: declared, optionalDependencies: declared });
const npmLock = z.looseObject({ lockfileVersion: z.number(), packages: z.record(z.string(), npmEntry).optional() });
const pnpmDependencies = z.record(z.string(), z.unknown()).nullish();
const pnpmSection = z.looseObject({ dependencies: pnpmDependencies, devDependencies: pnpmDependencies, optionalDependencies: pnpmDependencies });
const pnpmLock = z.looseObject({
  importers: z.record(z.string(), pnpmSection).optional(),
  packages: z.record(z.string(), z.looseObject({ resolution: z.looseObject({ integrity: z.string().optional(), tarball: z.string().optional() }).optional() })).nullish(),
});
const bunLock = z.looseObject({ workspaces: z.record(z.string(), pnpmSection), packages: z.record(z.string(), z.array(z.unknown())).optional() });

const OPEN_TRANSPORT = /^(?:http|git\+http|git):\/\//;

/** Checks that the lockfile parses, has every declared dependency, and pins what comes over the network. */
export function checkLockfile(check: Check, context: RunContext): CheckOutcome {
  const [file] = check.files;
  if (file === undefined) return { status: 'skipped', reason: 'no lockfile' };
  const source = readSourceText(context.workspace.root, file);
  if (source.kind === 'too-large') return { status: 'skipped', reason: `${file} is too large to be checked (${String(source.bytes)} bytes)` };
  if (source.kind !== 'text') return { status: 'error', failure: { reason: 'unparsable', files: [file] } };
  const read = readLock(file, source.text, context.workspace.packages);
  const lines = source.text.split('\n');
  const findings = read.faults.map((fault): Finding => {
    const index = fault.needle === null ? -1 : lines.findIndex((line) => line.includes(fault.needle ?? ''));
    return { gate: 'security_analysis', rule: fault.rule, message: fault.message, file, line: index === -1 ? 1 : index + 1, column: null, severity: 'error' };
  });
  return { status: 'done', findings: findings.sort(compareFindings), inspected: { files: [file], packages: read.packages } };
}

interface LockReading {
  readonly faults: readonly Fault[];
  /** Entries looked at. */
  readonly packages: number;
}

function readLock(file: string, text: string, packages: readonly WorkspacePackage[]): LockReading {
  if (file.endsWith('pnpm-lock.yaml')) return readWith(pnpmLock, yamlOf(text), (lock) => readPnpm(lock, packages));
  if (file.endsWith('bun.lock')) return readWith(bunLock, parseJsonc(text) as unknown, (lock) => readBun(lock, packages));
  if (file.endsWith('yarn.lock')) return readYarn(text, packages);
  return readWith(npmLock, parseJsonc(text) as unknown, (lock) => readNpm(lock, packages));
}

function readWith<T>(schema: z.ZodType<T>, document: unknown, read: (lock: T) => LockReading): LockReading {
  const parsed = schema.safeParse(document);
  if (parsed.success) return read(parsed.data);
  const [issue] = parsed.error.issues;
  return { faults: [{ rule: 'lockfile/unreadable', message: `is no lockfile: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, needle: null }], packages: 0 };
}

function readNpm(lock: z.infer<typeof npmLock>, packages: readonly WorkspacePackage[]): LockReading {
  // Version 1 has no manifest to compare and was written by npm 6; its entries are not under `packages`.
  if (lock.packages === undefined) return { faults: [{ rule: 'lockfile/outdated', message: `lockfileVersion ${String(lock.lockfileVersion)} cannot be compared with package.json: run npm install with npm 7 or newer`, needle: 'lockfileVersion' }], packages: 0 };
  const entries = Object.entries(lock.packages);
  const faults = packages.flatMap(({ folder, ...manifest }) => {
    const entry = lock.packages?.[folder];
    if (entry === undefined) return [];
    const locked = { ...entry.dependencies, ...entry.devDependencies, ...entry.optionalDependencies };
    return mismatches({ folder, ...manifest }, (name) => locked[name] ?? null, true);
  });
  for (const [key, entry] of entries) {
    const { resolved } = entry;
    // npm leaves these behind when it locks a tree that lacks other platforms' packages, and npm ci then refuses the file.
    if (/(?:^|\/)node_modules\//.test(key) && entry.version === undefined && entry.link !== true) {
      faults.push({ rule: 'lockfile/no-version', message: `"${key}" has no version, so npm ci refuses the lockfile: remove node_modules and the lockfile, and run npm install`, needle: `"${key}"` });
    }
    if (resolved === undefined || entry.link === true) continue;
    if (OPEN_TRANSPORT.test(resolved)) faults.push(openTransport(key, resolved));
    else if (resolved.startsWith('https://') && entry.integrity === undefined) faults.push(noIntegrity(key, `"${key}"`));
  }
  return { faults, packages: entries.length };
}

function readPnpm(lock: z.infer<typeof pnpmLock>, packages: readonly WorkspacePackage[]): LockReading {
  const importers = lock.importers ?? {};
  const faults = packages.flatMap((manifest) => {
    const section = importers[manifest.folder === '' ? '.' : manifest.folder];
    if (section === undefined) return [];
    const locked = { ...section.dependencies, ...section.devDependencies, ...section.optionalDependencies };
    return mismatches(manifest, (name) => (name in locked ? '' : null), false);
  });
  const entries = Object.entries(lock.packages ?? {});
  for (const [key, { resolution }] of entries) {
    if (resolution?.tarball !== undefined && OPEN_TRANSPORT.test(resolution.tarball)) faults.push(openTransport(key, resolution.tarball));
    else if (resolution !== undefined && resolution.integrity === undefined && resolution.tarball?.startsWith('https://registry.') === true) faults.push(noIntegrity(key, key));
  }
  return { faults, packages: entries.length };
}

function readBun(lock: z.infer<typeof bunLock>, packages: readonly WorkspacePackage[]): LockReading {
  const faults = packages.flatMap((manifest) => {
    const section = lock.workspaces[manifest.folder];
    if (section === undefined) return [];
    const locked = { ...section.dependencies, ...section.devDependencies, ...section.optionalDependencies };
    return mismatches(manifest, (name) => (name in locked ? '' : null), false);
  });
  return { faults, packages: Object.keys(lock.packages ?? {}).length };
}

/** Both yarn formats: version 1's own, and berry's YAML; entries start at the line's beginning and end in a colon. */
function readYarn(text: string, packages: readonly WorkspacePackage[]): LockReading {
  const keys = text.split('\n').filter((line) => /^\S.*:\s*$/.test(line) && !line.startsWith('#') && !line.startsWith('__metadata'));
  const patterns = new Set(keys.flatMap((line) => line.trim().slice(0, -1).replaceAll('"', '').split(/,\s*/)));
  const faults = packages.flatMap((manifest) => mismatches(manifest, (name, range) =>
    (patterns.has(`${name}@${range}`) || patterns.has(`${name}@npm:${range}`) || /^(?:workspace|link|portal|file|patch|catalog):/.test(range) ? '' : null), false));
  for (const match of text.matchAll(/^\s+resolved "((?:http|git\+http|git):\/\/[^"]+)"/gm)) faults.push(openTransport(match[1] ?? '', match[1] ?? ''));
  return { faults, packages: keys.length };
}

/** Declared dependencies that the lockfile lacks, or (where it keeps ranges) holds another range of. */
function mismatches(manifest: WorkspacePackage, lockedRange: (name: string, range: string) => string | null, compareRanges: boolean): Fault[] {
  const wanted = Object.entries({ ...manifest.devDependencies, ...manifest.dependencies, ...manifest.optionalDependencies });
  const where = manifest.folder === '' ? 'package.json' : `${manifest.folder}/package.json`;
  return wanted.flatMap(([name, range]): Fault[] => {
    const locked = lockedRange(name, range);
    if (locked === null) return [{ rule: 'lockfile/out-of-date', message: `${name}@${range} of ${where} is not in the lockfile: run the package manager's install`, needle: null }];
    if (compareRanges && locked !== range) return [{ rule: 'lockfile/out-of-date', message: `${where} asks for ${name}@${range}, the lockfile has ${locked}: run the package manager's install`, needle: `"${name}": "${locked}"` }];
    return [];
  });
}

function openTransport(key: string, resolved: string): Fault {
  return { rule: 'lockfile/open-transport', message: `${key} comes over an unencrypted connection`, needle: resolved };
}

function noIntegrity(key: string, needle: string): Fault {
  return { rule: 'lockfile/no-integrity', message: `${key} has no integrity sum`, needle };
}

function yamlOf(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YAMLError) return null;
    throw error;
  }
}
