/** With lines as Unix ends them. A clone may have given a file other line ends than it was written with (`core.autocrlf`). */
export function toUnixEnds(text: string): string {
  return text.replaceAll('\r\n', '\n');
}

/** With lines as Windows ends them. */
export function toWindowsEnds(text: string): string {
  return toUnixEnds(text).replaceAll('\n', '\r\n');
}

export function isSameText(one: string, other: string): boolean {
  return toUnixEnds(one) === toUnixEnds(other);
}

/** `after`, unless it says what `before` says already with other line ends: then `before`, so that nothing is to be written. */
export function keepIfSame(before: string | null, after: string | null): string | null {
  return before !== null && after !== null && isSameText(before, after) ? before : after;
}
