/** Bytes of file names in one command line: below the least limit of the systems we run on (32,767 on Windows). */
const COMMAND_BYTES_MAX = 24_000;

/** Splits file names so that each part fits a command line. */
export function batches(files: readonly string[]): string[][] {
  const parts: string[][] = [];
  let used = Infinity;
  for (const file of files) {
    const bytes = Buffer.byteLength(file) + 3;
    if (used + bytes > COMMAND_BYTES_MAX) {
      parts.push([]);
      used = 0;
    }
    parts.at(-1)?.push(file);
    used += bytes;
  }
  return parts;
}
