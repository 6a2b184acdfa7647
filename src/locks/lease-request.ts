import { LEASE_LIMITS } from '../model/limits.ts';
import type { LockRefusal } from '../model/lock-refusal.ts';

/** Longest name or reason: it stands in a table that everybody reads. */
const CHARS_MAX = 200;

/** Names and reasons are one line: they are shown to people and end lines of a log. */
export function invalidWord(what: string, found: string): LockRefusal | null {
  if (found.trim() !== '' && found.length <= CHARS_MAX && !/\p{Cc}/u.test(found)) return null;
  return { reason: 'invalid', what, expected: `one line of 1 to ${CHARS_MAX} characters`, found: JSON.stringify(found.slice(0, CHARS_MAX)) };
}

export function invalidDuration(ms: number): LockRefusal | null {
  return Number.isInteger(ms) && ms >= 1 && ms <= LEASE_LIMITS.durationMsMax
    ? null
    : { reason: 'invalid', what: 'the duration of a lease', expected: `1 to ${LEASE_LIMITS.durationMsMax} ms`, found: String(ms) };
}

export function invalidTimeout(ms: number): LockRefusal | null {
  return Number.isInteger(ms) && ms >= 0 && ms <= LEASE_LIMITS.durationMsMax
    ? null
    : { reason: 'invalid', what: 'the longest wait', expected: `0 to ${LEASE_LIMITS.durationMsMax} ms`, found: String(ms) };
}
