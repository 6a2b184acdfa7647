import { parse } from 'yaml';
import { expect, test } from 'vitest';
import { canCompare, compareResults, isWorse, renderComparison } from '../../bench/suite/compare.ts';
import { benchDocumentSchema } from '../../bench/suite/document.ts';
import { renderMarkdown } from '../../bench/suite/report/markdown.ts';
import { renderSvg } from '../../bench/suite/report/svg.ts';
import { summarise } from '../../bench/suite/statistics.ts';
import { documentOf, rowOf } from './document.ts';

const naive = rowOf('naive/4', 'naive', [10]);
const cold = rowOf('shared/4', 'shared', [2, 1.9, 2.2]);

test('the table of the specification has a column for each number of teams, and its own figures beside', () => {
  const lines = renderMarkdown(documentOf([naive, cold, rowOf('cached/4', 'cached', [], { wallMs: null, ofSequential: null, missing: 'this version has no cache' })])).split('\n');
  expect(lines.slice(lines.indexOf('| Metric | Sequential | 4 teams |')).slice(0, 11)).toEqual([
    '| Metric | Sequential | 4 teams |',
    '|---|---|---|',
    '| Time, specified | 100 % | 30 % |',
    '| Time, cold | 100 % | 20 % (19–22) |',
    '| Time, nothing changed | 100 % | this version has no cache |',
    '| Time, nothing changed, daemon | 100 % | – |',
    '| Token usage, specified | 100 % | 105 % |',
    '| Token usage | 100 % | 103.0 % (1030) |',
    '| Quality | 12 findings | 100 % (abcabcabcabc) |',
    '| Complexity, specified | low | very high |',
    '| Complexity | – | 6 documents, 40 answers |',
  ]);
});

test('each mode has a row with its figures, or the reason why there are none', () => {
  const lines = renderMarkdown(documentOf([cold, rowOf('tuned/turbo', 'tuned', [], { teams: null, missing: 'no\nturbo | here' })])).split('\n');
  expect(lines.filter((line) => line.startsWith('| d |') || line.startsWith('| b |'))).toEqual([
    '| d | shared/4 | 4 | 3 | 2.00 (1.90–2.20) | 20 % (19–22) | 50.0 × (p95 55.0) | 4.00 | 512 | 6 | abcabcabcabc |',
    '| b | tuned/turbo | any | – | – | – | – | – | – | – | no turbo \\| here |',
  ]);
});

test('the distance to the lower bound is said', () => {
  expect(renderMarkdown(documentOf([naive, cold])).split('\n').filter((line) => line.startsWith('- Lower'))).toEqual([
    '- Lower bound of our own work: 1.60 s, the larger of 1.00 s (its CPU time over all cores) and 1.60 s (its longest part); cold takes 1.25 × of it.',
  ]);
});

test('cold stands beside the best tuned way, and what ran beside its like beside itself alone', () => {
  const two = rowOf('shared-two-worktrees', 'shared', [4], { title: 'two at once', ofSequential: null, ofAlone: summarise([2, 2.1, 1.9]) });
  const tuned = [rowOf('tuned/turbo', 'tuned', [5], { teams: null }), rowOf('tuned/concurrently', 'tuned', [4], { teams: null, peakBytes: summarise([1024 * 1024 * 1024]) })];
  expect(renderMarkdown(documentOf([naive, ...tuned, cold, two])).split('\n').filter((line) => /^- (?:Cold|Two)/.test(line))).toEqual([
    '- Cold takes 50 % of the best tuned way (tuned/concurrently).',
    '- Cold has at its peak 50 % of the memory of that way.',
    '- Two at once takes 2.00 × (1.90–2.10) its time alone; at the peak 6 processes with 60 threads and 512 MiB together.',
  ]);
});

test('findings other than the tools\' are no quality of 100 %', () => {
  const text = renderMarkdown(documentOf([naive, rowOf('shared/4', 'shared', [2], { hash: 'defdefdefdef' })]));
  expect(text.split('\n').find((line) => line.startsWith('| Quality'))).toBe('| Quality | 12 findings | differs: defdefdefdef, not abcabcabcabc |');
});

test('the chart has a bar for each figure, and nothing of a title ends up as markup', () => {
  const document = documentOf([naive, cold]);
  const [corpus] = document.corpora;
  const svg = corpus === undefined ? '' : renderSvg(document, corpus);
  expect(svg.match(/<rect [^>]*><title>[^<]*/g)?.map((bar) => bar.replace(/.*<title>/, ''))).toEqual(['specified, 4 teams: 30 %', 'cold, 4 teams: 20 %']);
  expect(svg.includes('<shop>')).toBe(false);
  // Well-formed enough: each element that is opened is closed.
  const open = [...svg.matchAll(/<(\/?)(\w+)[^>]*?(\/?)>/g)].filter(([, , , closed]) => closed === '').reduce((depth, [, ending]) => depth + (ending === '/' ? -1 : 1), 0);
  expect(open).toBe(0);
});

test('a stored document is read as it was written', () => {
  const document = documentOf([naive, cold]);
  expect(benchDocumentSchema.parse(parse(JSON.stringify(document)))).toEqual(document);
});

test('a change within the noise is none, and beyond it is one', () => {
  const before = documentOf([naive, cold]);
  const after = (seconds: number) => documentOf([naive, rowOf('shared/4', 'shared', [seconds])]);
  expect(compareResults(before, after(2.05)).changes[0]).toEqual({ name: 'shop shared/4 of sequential', before: 0.2, after: 0.205, ratio: 1.025, noise: 0.05, verdict: 'same' });
  expect([1.8, 2.3].map((seconds) => compareResults(before, after(seconds)).changes[0]?.verdict)).toEqual(['faster', 'slower']);
  expect([2.05, 1.8, 2.3].map((seconds) => isWorse(compareResults(before, after(seconds))))).toEqual([false, false, true]);
});

test('a wide spread on either side makes the noise wide', () => {
  const wide = documentOf([naive, rowOf('shared/4', 'shared', [2.3], { spread: 0.1 })]);
  expect(compareResults(documentOf([naive, cold]), wide).changes[0]?.verdict).toBe('same');
});

test('a row that was measured and finds something else now is lost, and that is worse', () => {
  const lost = compareResults(documentOf([naive, cold]), documentOf([naive, rowOf('shared/4', 'shared', [], { ofSequential: null, ofEmptyProcess: null, missing: 'other findings: 1 missing' })]));
  expect({ lost: lost.lost, worse: isWorse(lost) }).toEqual({ lost: ['shop shared/4: other findings: 1 missing'], worse: true });
});

test('what cannot be compared is known before anything is measured', () => {
  const before = documentOf([naive, cold]);
  const request = { subjects: [{ name: 'shop', title: 'the shop', source: () => Promise.resolve('/shop') }], modes: null, teamCounts: [4], micro: null };
  const micro = (): Promise<[]> => Promise.resolve([]);
  expect([request, { ...request, subjects: [] }, { ...request, modes: ['cached' as const] }, { ...request, teamCounts: [2] }, { ...request, subjects: [], micro }].map((one) => canCompare(before, one))).toEqual([true, false, false, false, true]);
});

test('a comparison is told a line each', () => {
  expect(renderComparison({ changes: [{ name: 'shop shared/4 of sequential', before: 0.2, after: 0.25, ratio: 1.25, noise: 0.05, verdict: 'slower' }], lost: ['shop warm/4: broken'] })).toBe(
    'slower  shop shared/4 of sequential  0.200 → 0.250  (× 1.25, noise ± 5 %)\nlost    shop warm/4: broken\n',
  );
  expect(renderComparison({ changes: [], lost: [] })).toBe('nothing that both have measured\n');
});
