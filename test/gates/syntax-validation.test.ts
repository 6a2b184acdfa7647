import { describe, expect, test } from 'vitest';
import { runGate } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';
import type { CheckOutcome } from '../../src/model/check.ts';

type Done = Extract<CheckOutcome, { status: 'done' }>;

async function outcomeOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<CheckOutcome> {
  await using project = await makeProject(files);
  const { outcomes } = await runGate(project, 'syntax_validation');
  const [only, ...others] = outcomes;
  if (only === undefined || others.length > 0) throw new Error(`${String(outcomes.length)} checks instead of one`);
  return only.outcome;
}

async function doneOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<Done> {
  const outcome = await outcomeOf(files);
  if (outcome.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome;
}

async function placesOf(files: Readonly<Record<string, string | Uint8Array>>): Promise<string[]> {
  const { findings } = await doneOf(files);
  return findings.map((finding) => `${finding.file ?? ''}:${String(finding.line)}:${String(finding.column)} ${finding.severity} ${finding.rule}`);
}

const HEALTHY = {
  'a.ts': 'export const a: number = 1;\nexport function overload(x: string): void;\nexport function overload(x: unknown): void { void x; }\n',
  'b.tsx': 'export const B = (): unknown => <div>é</div>;\n',
  'c.js': 'export const C = () => <p/>;\n',
  'd.cjs': '#!/usr/bin/env node\n"use strict";\nif (module.parent) return;\nrequire("fs");\n',
  'e.js': 'if (module.parent) return;\nmodule.exports = 1;\n',
  'f.mjs': 'await import("./c.js");\nexport {};\n',
  'g.mts': 'export const g = <T,>(x: T): T => x;\n',
  'h.cts': 'import fs = require("node:fs");\nexport = fs;\n',
  'i.d.ts': 'export declare const i: string;\n',
  'j.d.css.ts': 'declare const css: { readonly a: string };\nexport default css;\n',
  'k.json': '\uFEFF{"k": [1, 2]}\n',
  'tsconfig.json': '{\n  // comment\n  "files": ["a.ts",],\n}\n',
  '.vscode/settings.json': '{ /* c */ "a": 1, }\n',
  '.eslintrc': 'root: true\nrules:\n  semi: error\n',
  'l.yaml': 'a: &x !Ref b\nc: *x\n---\nd: 1\n',
  '.github/workflows/ci.yml': 'on: push\njobs:\n  a:\n    if: ${{ github.ref }}\n',
  'm.md': 'Title\n=======\n\n<<<<<<< is how a conflict starts\n',
  'n with space.ts': 'export {};\n',
  'ünï/コード.ts': 'export const 名 = "😀";\n',
  '-dash.ts': 'export {};\n',
  'class.ts': 'enum E { A }\nabstract class K { declare x: E; constructor(private readonly y: number) { void this.y; } }\nexport { K };\n',
};

describe('healthy files', () => {
  test('every module kind, JSON with comments where its reader takes them, YAML, odd names', async () => {
    const outcome = await doneOf(HEALTHY);
    expect(outcome.findings).toEqual([]);
    expect([...outcome.inspected.files].sort()).toEqual(Object.keys(HEALTHY).sort());
    expect(outcome.notes).toEqual([]);
  });
});

describe('broken files', () => {
  test('are found at the exact line and column, in UTF-16 units', async () => {
    expect(await placesOf({
      'a.ts': '// é😀\r\nconst é = "😀"; let x = ;\r\n',
      'b.tsx': 'export const b = <div>;\n',
      'c.js': 'let a = 1;\nlet a = 2;\n',
      'd.mjs': 'return 1;\n',
      'e.js': 'import "./c.js";\nreturn 1;\n',
      'g.mts': 'export const a = <any>b;\n',
      'h.json': '{\n  "a": 1,\n}\n',
      'i.json': '{ // no\n}\n',
      'j.json': '',
      'k.yaml': 'a: 1\nb: 2\na: 3\n',
      'l.yml': 'a:\n  - b\n c: d\n',
      'tsconfig.json': '{ "files": [ }\n',
    })).toEqual([
      'a.ts:2:25 error syntax/typescript',
      'b.tsx:1:23 error syntax/typescript',
      'c.js:1:5 error syntax/javascript',
      'd.mjs:1:1 error syntax/javascript',
      'e.js:2:1 error syntax/javascript',
      'g.mts:1:18 error syntax/typescript',
      'h.json:3:1 error syntax/json',
      'i.json:1:3 error syntax/json',
      'j.json:1:1 error syntax/json',
      'k.yaml:3:1 error syntax/yaml',
      'l.yml:3:1 error syntax/yaml',
      'tsconfig.json:1:14 error syntax/json',
      'tsconfig.json:2:1 error syntax/json',
    ]);
  });

  test('an unfinished merge is one finding, in any text file', async () => {
    const conflict = 'one\n<<<<<<< HEAD\ntwo\n||||||| base\nzero\n=======\nthree\n>>>>>>> topic\n';
    const { findings } = await doneOf({ 'a.ts': conflict, 'b.md': conflict.replaceAll('\n', '\r\n'), 'c.css': conflict });
    expect(findings.map(({ file, line, rule, message, kind }) => ({ file, line, rule, message, kind }))).toEqual(
      ['a.ts', 'b.md', 'c.css'].map((file) => ({ file, line: 2, rule: 'conflict-marker', message: 'unresolved merge conflict, up to line 8', kind: 'parse' })),
    );
  });

  test('bytes that are no UTF-8 are findings in text files and a note elsewhere', async () => {
    const latin1 = Buffer.from('// ok é\n// caf\xe9\n', 'latin1');
    const outcome = await doneOf({
      'a.ts': Buffer.concat([Buffer.from('// é😀\nlet a = "'), Buffer.from([0xff]), Buffer.from('";\n')]),
      'b.md': latin1,
      'c.bin': latin1,
      'd.ts': Buffer.from('let a;\n\0'),
      'e.png': Buffer.from([0x89, 0x50, 0, 0]),
      'f.ts': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('export const f = 1;\n', 'utf16le')]),
    });
    expect(outcome.findings.map(({ file, line, column, rule }) => [file, line, column, rule])).toEqual([
      ['a.ts', 2, 10, 'invalid-utf-8'],
      ['b.md', 1, 7, 'invalid-utf-8'],
      ['d.ts', 2, null, 'binary'],
    ]);
    expect(outcome.inspected.files).toEqual(['a.ts', 'b.md', 'd.ts', 'f.ts']);
    expect(outcome.notes).toEqual(['2 files binary, not inspected: c.bin, e.png', '1 file in UTF-16: f.ts']);
  });

  test('a source above the size limit is a warning, other large files a note; neither counts as inspected', async () => {
    const large = Buffer.alloc(5 * 1024 * 1024 + 1, 'a');
    const outcome = await doneOf({ 'a.ts': 'export {};\n', 'large.ts': large, 'large.txt': large });
    expect(outcome.findings).toEqual([
      { gate: 'syntax_validation', rule: 'too-large', message: '5242881 bytes: too large to be parsed', file: 'large.ts', line: 1, column: null, severity: 'warning' },
    ]);
    expect(outcome.inspected.files).toEqual(['a.ts']);
    expect(outcome.notes).toEqual(['2 files above 5 MiB, not parsed: large.ts, large.txt']);
  });
});

describe('nothing to say', () => {
  test('Flow and YAML templates are named, not parsed', async () => {
    const outcome = await doneOf({
      'a.js': '/**\n * @flow\n */\nconst a: number = 1;\n',
      'b.yaml': '{{- if .Values.on }}\na: {{ .Values.b }}\n{{- end }}\n',
      'c.ts': 'export {};\n',
    });
    expect(outcome.findings).toEqual([]);
    expect(outcome.inspected.files).toEqual(['c.ts']);
    expect(outcome.notes).toEqual(['1 file written in Flow, not parsed: a.js', '1 file a template that becomes YAML, not parsed: b.yaml']);
  });

  test('a broken workflow is no template', async () => {
    expect(await placesOf({ '.github/workflows/ci.yml': 'on: push\non: push\nenv:\n  A: ${{ github.ref }}\n' })).toEqual(['.github/workflows/ci.yml:2:1 error syntax/yaml']);
  });

  test('only binary files: skipped, not passed', async () => {
    expect(await outcomeOf({ 'a.png': Buffer.from([1, 0, 2]) })).toEqual({ status: 'skipped', reason: 'nothing to parse; 1 file binary, not inspected: a.png' });
  });

  test('cancelled: an error, not a pass', async () => {
    await using project = await makeProject({ 'a.ts': 'let a = ;\n' });
    const { outcomes } = await runGate(project, 'syntax_validation', { signal: AbortSignal.abort({ reason: 'time-limit', limitMs: 100 }) });
    expect(outcomes.map(({ outcome }) => outcome)).toEqual([{ status: 'error', failure: { reason: 'time-limit', limitMs: 100 }, findings: [] }]);
  });
});

test('1,001 files make two checks', async () => {
  await using project = await makeProject(Object.fromEntries(Array.from({ length: 1001 }, (_, index) => [`src/f${String(index)}.ts`, 'export {};\n'])));
  const { plan, outcomes } = await runGate(project, 'syntax_validation');
  expect(plan.checks.map((check) => [check.id, check.files.length])).toEqual([['syntax_validation:parse:1', 1000], ['syntax_validation:parse:2', 1]]);
  expect(outcomes.map(({ outcome }) => (outcome.status === 'done' ? outcome.inspected.files.length : outcome.status))).toEqual([1000, 1]);
});
