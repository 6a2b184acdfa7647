/**
 * Makes `process.cwd()` answer `folder` while `work` runs. ESLint's own `cwd` option does not reach plugins and
 * configurations that ask the process, and a worker thread cannot change its folder; a worker does one check at a time.
 */
export async function inWorkingFolder<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const original = Object.getOwnPropertyDescriptor(process, 'cwd');
  process.cwd = () => folder;
  try {
    return await work();
  } finally {
    if (original !== undefined) Object.defineProperty(process, 'cwd', original);
  }
}
