/** The folders that a posix path names on its way, outermost first: `a`, `a/b` for `a/b/c.ts`. */
export function foldersOf(file: string): string[] {
  const folders: string[] = [];
  for (let at = file.indexOf('/', 1); at !== -1; at = file.indexOf('/', at + 1)) folders.push(file.slice(0, at));
  return folders;
}
