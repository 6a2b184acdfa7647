import type { Bound } from './document.ts';
import type { PartCost } from './modes/mode.ts';
import { median } from './statistics.ts';

/**
 * The time below which the same work cannot be done on so many cores, however it is ordered: its CPU time spread evenly, or its
 * longest part. `runs`: the parts of several runs in which nothing ran side by side; their medians count. `cpuMs`: of all of it,
 * where the parts' own is not known.
 */
export function lowerBound(runs: readonly (readonly PartCost[])[], cores: number, cpuMs: number | null = null): Bound | null {
  const names = [...new Set(runs.flatMap((parts) => parts.map(({ name }) => name)))];
  if (names.length === 0) return null;
  const medianOf = (name: string, figure: (part: PartCost) => number): number =>
    median(runs.flatMap((parts) => parts.filter((part) => part.name === name)).map(figure));
  const cpu = cpuMs ?? names.reduce((sum, name) => sum + medianOf(name, (part) => part.cpuMs), 0);
  const criticalPathMs = Math.max(...names.map((name) => medianOf(name, (part) => part.wallMs)));
  const cpuShareMs = cpu / cores;
  return { cpuShareMs, criticalPathMs, boundMs: Math.max(cpuShareMs, criticalPathMs) };
}
