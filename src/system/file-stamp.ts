import { statSync } from 'node:fs';
import { hasSettled } from './file-times.ts';

/** What the file system says of a file's content without its being read. */
export interface FileStamp {
  /** Equal for as long as nobody has written to the file, but for writes within one tick of its clock. */
  readonly text: string;
  readonly size: number;
  /** False while the file was changed so lately that it could be again without its showing: then only its content tells. */
  readonly isSettled: boolean;
}

/** Null when there is no such file, or it is none. Links are followed. */
export function stampFile(file: string): FileStamp | null {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  if (stat?.isFile() !== true) return null;
  const { size, mtimeNs, ctimeNs, ino, dev } = stat;
  const changedMs = Number((mtimeNs > ctimeNs ? mtimeNs : ctimeNs) / 1_000_000n);
  return { text: `${String(size)} ${String(mtimeNs)} ${String(ctimeNs)} ${String(ino)} ${String(dev)}`, size: Number(size), isSettled: hasSettled(changedMs, Date.now()) };
}
