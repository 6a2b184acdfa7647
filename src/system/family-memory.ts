import { readdirSync, readFileSync } from 'node:fs';

/** Of memory, on every Linux that Node runs on. */
const PAGE_BYTES = 4_096;

/** What this process and all that it has started, at whatever remove, have in memory. Elsewhere than on Linux, this process alone. */
export function familyBytes(): number {
  const own = process.memoryUsage.rss();
  if (process.platform !== 'linux') return own;
  const pending = childrenOf(process.pid);
  let bytes = own;
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    bytes += Number(readIfThere(`/proc/${pid}/statm`).split(' ')[1] ?? 0) * PAGE_BYTES;
    pending.push(...childrenOf(pid));
  }
  return bytes;
}

/** Each thread has children of its own. None where the kernel does not tell. */
function childrenOf(pid: number | string): string[] {
  return listIfThere(`/proc/${String(pid)}/task`).flatMap((thread) => readIfThere(`/proc/${String(pid)}/task/${thread}/children`).split(' ').filter((child) => child !== ''));
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return '';
    throw error;
  }
}

function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error) return [];
    throw error;
  }
}
