import type { BenchDocument, CorpusResult } from '../document.ts';
import { SPECIFIED_TIME } from './markdown.ts';

const WIDTH = 760;
const HEIGHT = 360;
const PLOT = { left: 56, right: 20, top: 56, bottom: 64 };
const BAR_WIDTH_MAX = 26;

interface Series {
  readonly title: string;
  readonly colour: string;
  /** Of the sequential time; null where it was not measured. */
  readonly share: (teams: number) => number | null;
}

/** Time by number of teams, in percent of the sequential way: what was specified beside what was measured. Readable on light and dark. */
export function renderSvg(document: BenchDocument, corpus: CorpusResult): string {
  const measured = (name: string) => (teams: number): number | null => corpus.rows.find(({ id }) => id === `${name}/${teams}`)?.ofSequential?.median ?? null;
  const all: Series[] = [
    { title: 'specified', colour: '#9aa0a6', share: (teams) => SPECIFIED_TIME[teams] ?? null },
    { title: 'a run per team', colour: '#e8a33d', share: measured('apart') },
    { title: 'cold', colour: '#3b78e7', share: measured('shared') },
    { title: 'nothing changed', colour: '#2e9e5b', share: measured('cached') },
  ];
  const series = all.filter(({ share }) => document.teamCounts.some((teams) => share(teams) !== null));
  const most = Math.max(1, ...series.flatMap(({ share }) => document.teamCounts.map((teams) => share(teams) ?? 0)));
  const height = HEIGHT - PLOT.top - PLOT.bottom;
  const y = (share: number): number => PLOT.top + height * (1 - share / most);
  const groupWidth = (WIDTH - PLOT.left - PLOT.right) / document.teamCounts.length;
  const barWidth = Math.min(BAR_WIDTH_MAX, (groupWidth * 0.8) / Math.max(1, series.length));
  const bars = document.teamCounts.flatMap((teams, group) => {
    const middle = PLOT.left + groupWidth * (group + 0.5);
    const shown = series.map((one, index) => ({ one, share: one.share(teams), x: middle + barWidth * (index - series.length / 2) }));
    return [
      ...shown.flatMap(({ one, share, x }) => (share === null ? [] : [
        `<rect x="${at(x + 1)}" y="${at(y(share))}" width="${at(barWidth - 2)}" height="${at(y(0) - y(share))}" fill="${one.colour}"><title>${escape(`${one.title}, ${teams} teams: ${percent(share)}`)}</title></rect>`,
        `<text x="${at(x + barWidth / 2)}" y="${at(y(share) - 4)}" text-anchor="middle" font-size="10">${escape(percent(share))}</text>`,
      ])),
      `<text x="${at(middle)}" y="${at(HEIGHT - PLOT.bottom + 18)}" text-anchor="middle">${teams} ${teams === 1 ? 'team' : 'teams'}</text>`,
    ];
  });
  const grid = [0, 0.25, 0.5, 0.75, 1].map((share) => `<line x1="${PLOT.left}" y1="${at(y(share * most))}" x2="${WIDTH - PLOT.right}" y2="${at(y(share * most))}" stroke="#8888" stroke-width="1"/><text x="${PLOT.left - 8}" y="${at(y(share * most) + 4)}" text-anchor="end">${percent(share * most)}</text>`);
  const keys = series.map(({ title, colour }, index) => `<rect x="${PLOT.left + index * 150}" y="${HEIGHT - 28}" width="12" height="12" fill="${colour}"/><text x="${PLOT.left + index * 150 + 18}" y="${HEIGHT - 18}">${escape(title)}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" font-family="system-ui, sans-serif" font-size="12" fill="#808890">
<title>${escape(`Time by number of teams, ${corpus.title}`)}</title>
<text x="${PLOT.left}" y="24" font-size="15">${escape(`Time in percent of the sequential way: ${corpus.title}`)}</text>
<text x="${PLOT.left}" y="42">${escape(`${document.machine.cores} cores, medians of up to ${document.runs} runs`)}</text>
${[...grid, ...bars, ...keys].join('\n')}
</svg>
`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;
}

function at(value: number): string {
  return value.toFixed(1);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
