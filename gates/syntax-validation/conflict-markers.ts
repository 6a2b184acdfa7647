import type { SyntaxProblem } from './problem.ts';

/**
 * Merges that were never finished: git's three markers at line starts, in their order, the outer two with a label as git
 * writes them. One problem a conflict, at its first marker; a heading underlined with seven `=` is none.
 */
export function findConflictMarkers(text: string): SyntaxProblem[] {
  if (!text.includes('<<<<<<< ')) return [];
  const problems: SyntaxProblem[] = [];
  let opened: number | null = null;
  let divided = false;
  for (const [index, line] of text.split(/\r\n|[\n\r]/).entries()) {
    if (line.startsWith('<<<<<<< ')) {
      opened = index + 1;
      divided = false;
    } else if (opened !== null && line === '=======') {
      divided = true;
    } else if (opened !== null && divided && /^>{7}(?: |$)/.test(line)) {
      problems.push({ rule: 'conflict-marker', message: `unresolved merge conflict, up to line ${String(index + 1)}`, line: opened, column: 1 });
      opened = null;
    }
  }
  return problems;
}
