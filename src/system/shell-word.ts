/** Anything as one word of a command line for the system's shell: single quotes keep everything but themselves from it. */
export function shellWord(text: string): string {
  return process.platform === 'win32' ? `"${text}"` : `'${text.replaceAll("'", "'\\''")}'`;
}
