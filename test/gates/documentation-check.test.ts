import { expect, test } from 'vitest';
import { runGate } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';
import type { CheckOutcome } from '../../src/model/check.ts';
import type { UserConfig } from '../../src/model/config.ts';

async function outcomesOf(files: Readonly<Record<string, string>>, config: UserConfig = {}): Promise<Record<string, CheckOutcome>> {
  await using project = await makeProject(files);
  const { outcomes } = await runGate(project, 'documentation_check', { config });
  return Object.fromEntries(outcomes.map(({ check, outcome }) => [check.name, outcome]));
}

function placesOf(outcome: CheckOutcome | undefined): string[] {
  if (outcome?.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.findings.map((finding) => `${finding.file ?? ''}:${String(finding.line)}:${String(finding.column)} ${finding.rule}`);
}

test('links and anchors: the good ones hold, the broken ones are found', async () => {
  const outcomes = await outcomesOf({
    'README.md': [
      '---', 'title: x', '---', '# Über uns & Co', '<a id="Here"></a>', '## Twice', '## Twice', '## Named {#custom}', '',
      '[a](docs/a%20b.md#second) [b](#über-uns--co) [c](#twice-1) [d](#here) [e](/docs) [f](https://example.com/x) [g](#custom) [h](docs/a%20b.md?plain=1)',
      '[r][ref] ![i](<docs/a b.md>) [out](../../issues) [line](src.ts#L10)', '', '[ref]: docs/a%20b.md', '',
      '[x](gone.md) [y](#nowhere)', '[z](docs/a%20b.md#third)', '![p](p.png)', '', '[bad]: gone/', '',
    ].join('\n'),
    'docs/a b.md': '# First\n## Second\n',
    'src.ts': 'export {};\n',
  });
  expect(placesOf(outcomes.markdown)).toEqual([
    'README.md:15:1 broken-link', 'README.md:15:14 broken-anchor', 'README.md:16:1 broken-anchor', 'README.md:17:1 broken-link', 'README.md:19:1 broken-link',
  ]);
});

test('what links ask for is told, but for files that everybody looks at', async () => {
  const outcomes = await outcomesOf({ '.gitignore': 'coverage\n', 'README.md': '[a](docs/) [b](a.md) [c](coverage/index.html) [d](gone.md) [e](.) [f](https://example.com)\n', 'a.md': '# A\n', 'docs/b.md': '# B\n', 'coverage/index.html': '' });
  expect(outcomes.markdown).toMatchObject({ status: 'done', validity: { kind: 'names', found: ['coverage/index.html', 'docs/'], missing: ['gone.md'] } });
});

test('code fences: excerpts parse, outlines are named, errors are found on their line', async () => {
  const fence = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\`\n\n`;
  const outcomes = await outcomesOf({
    'a.md': [
      fence('ts', 'const a: number = await f();'), fence('js', '{ a: 1, b: 2 }'), fence('ts', 'foo(bar: string): void;'), fence('json', '// c\n{ "a": 1, }'), fence('json', '"a": 1'),
      fence('sh', 'if ['), fence('tsx', '<A b={1} />'), fence('ts', 'f({ a, ... })'), fence('yaml', 'a: 1'), fence('ts', 'const x = ;'), fence('json', '{ "a" 1 }'), fence('yml', 'a: 1\na: 2'),
    ].join(''),
  });
  expect(placesOf(outcomes.markdown)).toEqual(['a.md:39:11 fence-syntax', 'a.md:43:7 fence-syntax', 'a.md:48:1 fence-syntax']);
  expect(outcomes.markdown).toMatchObject({ notes: ['1 file with a code fence that is an outline ("...", a diff, an expected error), not parsed: a.md:31'] });
});

const SOURCE = [
  '/**', ' * Adds.', ' * @param left one', ' * @param rigth other', ' * @retuns sum', ' * @category own tag', ' */',
  'export function add(left: number, right: number): number { return left + right; }',
  'export interface Bare { readonly a: string }', 'export const value = 1;', '/** Said. */', 'export class Said {}', '',
].join('\n');

test('doc tags must be true; with "all", every export is documented', async () => {
  const files = { 'src/a.ts': SOURCE, 'test/a.test.ts': 'export const fixture = 1;\n' };
  expect(placesOf((await outcomesOf(files))['rules:1'])).toEqual(['src/a.ts:4:1 jsdoc/check-param-names', 'src/a.ts:5:1 jsdoc/check-tag-names']);
  expect(placesOf((await outcomesOf(files, { gates: { documentation_check: { exports: 'all' } } }))['rules:1'])).toEqual([
    'src/a.ts:4:1 jsdoc/check-param-names', 'src/a.ts:5:1 jsdoc/check-tag-names', 'src/a.ts:9:8 jsdoc/require-jsdoc', 'src/a.ts:10:8 jsdoc/require-jsdoc',
  ]);
});

test('a README in the root and in each published package', async () => {
  const outcomes = await outcomesOf({
    'package.json': '{"name":"root","private":true,"workspaces":["packages/*"]}',
    'packages/a/package.json': '{"name":"a"}', 'packages/a/readme.md': '# A\n', 'packages/b/package.json': '{"name":"b"}', 'packages/c/package.json': '{"name":"c","private":true}',
  });
  expect(placesOf(outcomes.readme)).toEqual(['package.json:null:null readme', 'packages/b/package.json:null:null readme']);
});

test('nothing to look at: no check, and a reason', async () => {
  await using project = await makeProject({ 'a.css': 'a {}\n' });
  const { plan } = await runGate(project, 'documentation_check');
  expect(plan.cells.flatMap((cell) => cell.notes)).toEqual([{ status: 'skipped', reason: 'neither sources nor documents' }]);
});

test('overloads share one comment; a method of the same name in another class is none', async () => {
  const wrong = ['/**', ' * Makes one.', ' * @param wrong thing', ' */'];
  const files = {
    'src/a.ts': [
      ...wrong, 'export function over(left: string): string;', 'export function over(left: number): number;', 'export function over(left: unknown): unknown { return left; }', // 1-7
      'export class First {', ...wrong, '  static create(left: string): string { return left; }', '  create(left: string): string { return left; }', '}', // 8-15
      'export class Second {', ...wrong, '  static create(left: string): string;', '  static create(left: unknown): unknown { return left; }', '}', // 16-23
      'export interface Third {', ...wrong, '  create(left: string): string;', '  other(): void;', '}', '', // 24-31
    ].join('\n'),
  };
  expect(placesOf((await outcomesOf(files))['rules:1'])).toEqual(['src/a.ts:11:1 jsdoc/check-param-names', 'src/a.ts:27:1 jsdoc/check-param-names']);
});
