/** Tags whose misspelling hides what an author meant; every project has tags of its own, so an unknown one is no fault by itself. */
const MEANT_TAGS = [
  'param', 'returns', 'return', 'throws', 'example', 'deprecated', 'property', 'template', 'typedef', 'callback', 'internal', 'default', 'public',
  'private', 'protected', 'readonly', 'override', 'remarks',
];

/** A tag where a doc comment's line starts with one. */
export const TAG_PATTERN = /^[\s/*]*@([\w-]+)/gm;

/** One letter wrong, missing, added, or two swapped. */
export function isMisspelt(tag: string | null): boolean {
  return tag !== null && tag.length >= 4 && !MEANT_TAGS.includes(tag) && !REAL_TAGS.has(tag) && MEANT_TAGS.some((meant) => isOneSlipAway(tag, meant));
}

/** Real tags that happen to be close to another. */
const REAL_TAGS = new Set(['defaults', 'examples', 'params', 'properties', 'throw', 'throws']);

/** The doc tag that starts a line of a comment. */
export function tagAt(text: string, line: number): string | null {
  const words = text.split(/\r\n|[\n\r\u2028\u2029]/)[line - 1] ?? '';
  return /^[\s/*]*@([\w-]+)/.exec(words)?.[1] ?? null;
}

function isOneSlipAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return Math.max(restA.length, restB.length) <= 1 || (restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0]);
}
