import { readFileSync } from 'node:fs';
import { isMissing } from '../../../src/system/read-text.ts';
import type { SelectedFile } from './select-files.ts';

/** unicorn's, whatever a configuration calls the plugin: a comment with a date is reported once that date, in UTC, is over. */
const DATED_RULE = /(?:^|\/)expiring-todo-comments$/;
/** As that rule tells dates from other conditions. */
const DATE = /\d{4}-\d{2}-\d{2}/;
const DAY_MS = 24 * 3_600_000;

/** A day of UTC as a number. */
export function dayOf(nowMs: number): number {
  return Math.floor(nowMs / DAY_MS);
}

export function msLeftOfDay(nowMs: number): number {
  return (dayOf(nowMs) + 1) * DAY_MS - nowMs;
}

/** Whether lint may find something else in the file tomorrow, though nothing has changed. */
export function dependsOnDay({ path, rules, processor }: SelectedFile): boolean {
  // What a processor takes out of a file has rules of its own.
  return (processor || rules.some((rule) => DATED_RULE.test(rule))) && DATE.test(textIfThere(path));
}

function textIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
