import picomatch from 'picomatch';
import { activePersonas, wordsOf, type TaskText } from './personas.ts';

/** Work of these kinds is costly to get wrong. */
const RISKY = ['security', 'architecture', 'data'] as const;

/** Words of tasks that turn out larger than they look. */
const HARD_WORDS = [
  'algorithm', 'authentication', 'cache', 'compatibility', 'concurrency', 'concurrent', 'distributed', 'encryption', 'migrate', 'migration', 'parser',
  'performance', 'protocol', 'realtime', 'recovery', 'refactor', 'rewrite', 'scheduler', 'streaming', 'synchronisation', 'synchronization', 'transaction',
];

/** A glob stands for about this many files. */
const FILES_PER_GLOB = 4;
/** What one unit of complexity weighs against files when teams are balanced: as much as a task of medium size. */
const FILES_PER_COMPLEXITY = 4;

/**
 * How hard a task looks, from 0 to 1, in hundredths:
 *
 *     0.15 for each active persona      at most 0.30
 *     0.05 for each file                at most 0.20
 *     0.25 for security, architecture or data work
 *     0.10 for each hard word           at most 0.25
 *
 * The specification's example, an authentication endpoint in two files for backend and security, has 0.30 + 0.10 + 0.25 + 0.10.
 */
export function complexityScore(task: TaskText): number {
  const personas = activePersonas(task);
  const words = wordsOf(task.description);
  const breadth = Math.min(15 * personas.length, 30);
  const size = Math.min(5 * fileCount(task.files), 20);
  const risk = RISKY.some((persona) => personas.includes(persona)) ? 25 : 0;
  const wording = Math.min(10 * HARD_WORDS.filter((word) => words.has(word)).length, 25);
  return (breadth + size + risk + wording) / 100;
}

/** What a task weighs when teams are balanced; at least 1. */
export function taskWeight(task: TaskText): number {
  return Math.max(1, fileCount(task.files)) + FILES_PER_COMPLEXITY * complexityScore(task);
}

function fileCount(files: readonly string[]): number {
  return files.reduce((sum, file) => sum + (picomatch.scan(file).isGlob ? FILES_PER_GLOB : 1), 0);
}
