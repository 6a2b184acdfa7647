import type { Check } from '../model/check.ts';
import { compareText } from '../model/finding.ts';
import { CACHE_LIMITS } from '../model/limits.ts';
import { isInert } from './file-kinds.ts';
import type { FingerprintParts } from './fingerprint.ts';
import type { CheckRecord, StateRecord } from './tree-records.ts';

/** A check as it is now, and what is remembered of it. */
export interface MissEvidence {
  readonly check: Check;
  readonly parts: FingerprintParts;
  readonly now: StateRecord;
  /** Null: it was never looked at in this tree. */
  readonly before: CheckRecord | null;
  /** The state of then; null where it is forgotten. */
  readonly then: StateRecord | null;
}

/** Why a result could not be taken from the cache: the files or inputs that are different, in one clause. */
export function explainMiss({ check, parts, now, before, then }: MissEvidence): string {
  if (before === null) return 'never run here';
  const reasons = [
    ...(before.parts.engine === parts.engine ? [] : [`${before.parts.engine} → ${parts.engine}`]),
    ...(before.parts.node === parts.node ? [] : [`Node ${before.parts.node} → ${parts.node}`]),
    ...(before.parts.product === parts.product ? [] : ['another version of spark-gates']),
    ...(before.parts.files === parts.files ? [] : changedFiles(check, now, then)),
    ...(before.parts.installed === parts.installed ? [] : changedPackages(now, then)),
    ...changedNames(before.parts.environment ?? {}, parts.environment ?? {}),
    ...changedNames(before.parts.programs ?? {}, parts.programs ?? {}).map((text) => text.replace(/^environment variable (\S+) .*/, 'another $1 on the PATH')),
    ...(before.parts.process === parts.process ? [] : ['PATH, user, time zone or processor changed']),
    ...(before.parts.git === parts.git ? [] : ['the commit, the index, a branch or a tag changed, and a file of the project asks git']),
    ...(before.parts.definition === parts.definition ? [] : ['its files, its settings or the layout of the project changed']),
  ];
  if (reasons.length > 0) return reasons.join(', ');
  return before.notKept === null ? 'its result is not kept any more' : `not kept, because ${before.notKept}`;
}

/** Files that are different in two states; only those that count for a check where one is given. */
export function changedFiles(check: Check | null, now: StateRecord, then: StateRecord | null): string[] {
  if (then === null) return ['files changed'];
  const counts = countsFor(check);
  const all = [...new Set([...Object.keys(now.files), ...Object.keys(then.files)])].sort(compareText);
  const described = all.flatMap((file) => {
    const [old, fresh] = [then.files[file], now.files[file]];
    if (old === fresh || !counts(file, old !== undefined && fresh !== undefined)) return [];
    return [`${file} ${fresh === undefined ? 'is gone' : old === undefined ? 'is new' : old.replace(/^x/, '') === fresh.replace(/^x/, '') ? 'is executable or is not any more' : 'changed'}`];
  });
  return shortened(described, 'file');
}

/** The first of these files that counts for a check, if any. */
export function firstThatCounts(check: Check, files: Iterable<string>): string | undefined {
  const counts = countsFor(check);
  return [...files].sort(compareText).find((file) => counts(file, true));
}

function countsFor(check: Check | null): (file: string, isChanged: boolean) => boolean {
  if (check === null) return () => true;
  const own = new Set([...check.files, ...(check.inputFiles ?? [])]);
  if (check.inputs === 'files') return (file) => own.has(file);
  if (check.inputs === 'packages') return (file) => own.has(file) || file.startsWith('/') || /(?:^|\/)(?:package\.json|\.npmrc|[^/]*lock[^/]*|pnpm-workspace\.yaml)$/.test(file);
  if (check.inputs === 'code') return (file, isChanged) => !isChanged || own.has(file) || !isInert(file);
  return () => true;
}

/** Installed packages that are different in two states. */
export function changedPackages(now: StateRecord, then: StateRecord | null): string[] {
  if (then === null) return ['installed packages changed'];
  const all = [...new Set([...Object.keys(now.installed), ...Object.keys(then.installed)])].sort(compareText);
  const described = all.flatMap((place) => {
    const [old, fresh] = [then.installed[place], now.installed[place]];
    if (old === fresh) return [];
    const name = place.replace(/^.*node_modules\//, '');
    if (old === undefined) return [`${name} is installed`];
    if (fresh === undefined) return [`${name} is not installed any more`];
    const [from = '', to = ''] = [old, fresh].map((one) => one.split(' ')[0]);
    return [from === to ? `${place} changed` : `${name} ${from} → ${to}`];
  });
  return shortened(described, 'package');
}

function changedNames(before: Readonly<Record<string, string>>, now: Readonly<Record<string, string>>): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort(compareText).filter((name) => before[name] !== now[name]);
  return shortened(names.map((name) => `environment variable ${name} ${now[name] === undefined ? 'is gone' : before[name] === undefined ? 'is new' : 'changed'}`), 'variable');
}

function shortened(texts: readonly string[], noun: string): string[] {
  const more = texts.length - CACHE_LIMITS.namedMax;
  return more <= 0 ? [...texts] : [...texts.slice(0, CACHE_LIMITS.namedMax), `${String(more)} more ${noun}${more === 1 ? '' : 's'}`];
}
