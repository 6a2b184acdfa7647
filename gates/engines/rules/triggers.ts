import { TAG_PATTERN, isMisspelt } from './doc-tags.ts';

/** A text for which this is false cannot make the rule report. Errs towards true. */
export type Trigger = (text: string) => boolean;

/** A letter written as an escape can spell any name. */
const ESCAPED_LETTER = /\\u(?:00[4-7]|\{0*[4-7])/;

function names(pattern: RegExp): Trigger {
  return (text) => pattern.test(text) || ESCAPED_LETTER.test(text);
}

const always: Trigger = () => true;

/**
 * A regular expression literal stays on one line; without two quantifiers it cannot be super-linear. Comments and JSX that
 * look like one only cost time.
 */
const quantifiedRegex: Trigger = (text) => {
  if (/\bRegExp\b/.test(text)) return true;
  for (const line of text.split(/[\n\r\u2028\u2029]/)) {
    const start = line.search(/\/(?![/*])/);
    if (start === -1) continue;
    const body = line.slice(start + 1, line.lastIndexOf('/'));
    if ((body.match(/[*+}]/g)?.length ?? 0) >= 2) return true;
  }
  return false;
};

/** Only what comes between a name and its arguments may follow: blanks, a comment, `?.`, type arguments, a parenthesis. */
const functionCall = names(/\bFunction\s*[(<?)/]/);

const misspeltTag: Trigger = (text) => [...text.matchAll(TAG_PATTERN)].some((match) => isMisspelt(match[1] ?? null));

/** Parsing costs far more than the rules: a file that no trigger matches is not given to ESLint. A rule without one always runs. */
const TRIGGERS: ReadonlyMap<string, Trigger> = new Map([
  ['security/detect-eval-with-expression', names(/\beval\b/)],
  ['spark-gates/no-dynamic-function', functionCall],
  ['no-implied-eval', names(/\b(?:setTimeout|setInterval|setImmediate|execScript)\b/)],
  ['security/detect-buffer-noassert', names(/\b(?:read|write)(?:U?Int|Float|Double)/)],
  ['security/detect-new-buffer', names(/\bBuffer\b/)],
  ['security/detect-disable-mustache-escape', names(/escapeMarkup/)],
  ['security/detect-no-csrf-before-method-override', names(/methodOverride/)],
  ['security/detect-bidi-characters', (text) => /[\u202A-\u202E\u2066-\u2069]/.test(text)],
  ['no-unsanitized/method', names(/insertAdjacentHTML|createContextualFragment|\bwriteln?\b|\bsetHTMLUnsafe\b|\bparseHTMLUnsafe\b/)],
  ['no-unsanitized/property', names(/(?:inner|outer)HTML/)],
  ['no-eval', names(/\beval\b/)],
  ['no-new-func', names(/\bFunction\b/)],
  ['no-script-url', names(/javascript:/i)],
  ['security/detect-child-process', names(/child_process/)],
  ['security/detect-non-literal-require', names(/\brequire\b/)],
  ['security/detect-pseudoRandomBytes', names(/pseudoRandomBytes/)],
  ['regexp/no-super-linear-backtracking', quantifiedRegex],
  ['spark-gates/no-blocking-io-in-async', (text) => text.includes('Sync') && text.includes('async')],
  ['no-await-in-loop', (text) => /\bawait\b/.test(text)],
  ['jsdoc/check-param-names', (text) => /@(?:param|arg)/.test(text)],
  ['jsdoc/check-property-names', (text) => text.includes('@prop')],
  ['jsdoc/check-tag-names', misspeltTag],
  ['jsdoc/require-jsdoc', (text) => /\bexports?\b/.test(text)],
]);

export function mayReport(rule: string, text: string): boolean {
  return (TRIGGERS.get(rule) ?? always)(text);
}
