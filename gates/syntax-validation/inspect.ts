import { isFlow } from '../engines/text/flow.ts';
import { readSourceText, type SourceText } from '../engines/text/source-text.ts';
import { noteOf } from '../engines/text/listing.ts';
import type { Finding, Severity } from '../../src/model/finding.ts';
import { LIMITS } from '../../src/model/limits.ts';
import { findConflictMarkers } from './conflict-markers.ts';
import { fileKindOf, mustBeText, type FileKind } from './file-kind.ts';
import { isYamlTemplate, parseJson, parseJsonc, parseRc, parseYaml } from './parse-data.ts';
import { parseScript } from './parse-script.ts';
import type { SyntaxProblem } from './problem.ts';

/** Why a file was not inspected, or only in part; each is a note of the report. */
const ASIDE = {
  binary: 'binary, not inspected',
  large: `above ${String(LIMITS.fileBytesMax / 1024 / 1024)} MiB, not parsed`,
  gone: 'not readable as a file (removed, a folder, or a link that leads nowhere)',
  wide: 'in UTF-16',
  flow: 'written in Flow, not parsed',
  template: 'a template that becomes YAML, not parsed',
} as const;

type Aside = keyof typeof ASIDE;

/** What looking at one file gave. */
export interface FileInspection {
  readonly findings: readonly Finding[];
  readonly inspected: boolean;
  readonly asides: readonly Aside[];
}

/** The notes of a report about these files. */
export function notesOf(inspections: ReadonlyMap<string, FileInspection>): string[] {
  return (Object.keys(ASIDE) as Aside[]).flatMap((aside) => noteOf([...inspections].filter(([, { asides }]) => asides.includes(aside)).map(([file]) => file), ASIDE[aside]));
}

/** Looks at one file; it says the same of the same content under the same name. */
export function inspectFile(root: string, file: string): FileInspection {
  const source = readSourceText(root, file);
  return source.kind === 'text' ? inspectText(file, source) : inspectOther(file, source);
}

function inspectText(file: string, source: Extract<SourceText, { kind: 'text' }>): FileInspection {
  const wide: Aside[] = source.encoding === 'utf-16' ? ['wide'] : [];
  const conflicts = findConflictMarkers(source.text);
  // What a parser says about conflict markers only repeats them, many times over.
  const problems = conflicts.length > 0 ? conflicts : parse(file, source.text);
  if (typeof problems === 'string') return { findings: [], inspected: false, asides: [...wide, problems] };
  return { findings: problems.map((problem) => findingOf(file, problem, 'error')), inspected: true, asides: wide };
}

/** Or why the file is of a kind that this gate can't parse: it then counts as not inspected. */
function parse(file: string, text: string): SyntaxProblem[] | Aside {
  const kind = fileKindOf(file);
  if (kind === 'script' && isFlow(file, text)) return 'flow';
  const problems = PARSERS[kind](file, text);
  return kind === 'yaml' && problems.length > 0 && isYamlTemplate(text) ? 'template' : problems;
}

function inspectOther(file: string, source: Exclude<SourceText, { kind: 'text' }>): FileInspection {
  const isSource = fileKindOf(file) !== 'plain';
  switch (source.kind) {
    case 'binary':
      if (isSource) return rejected(file, { rule: 'binary', message: 'holds NUL bytes: this is no text file', line: source.line, column: null });
      return { findings: [], inspected: false, asides: ['binary'] };
    case 'invalid-utf-8':
      if (mustBeText(file)) return rejected(file, { rule: 'invalid-utf-8', message: 'holds a byte that is no UTF-8', line: source.line, column: source.column });
      return { findings: [], inspected: false, asides: ['binary'] };
    case 'too-large': {
      const problem = { rule: 'too-large', message: `${String(source.bytes)} bytes: too large to be parsed`, line: 1, column: null };
      return { findings: isSource ? [findingOf(file, problem, 'warning')] : [], inspected: false, asides: ['large'] };
    }
    case 'unreadable':
      return { findings: [], inspected: false, asides: ['gone'] };
  }
}

function rejected(file: string, problem: SyntaxProblem): FileInspection {
  return { findings: [findingOf(file, problem, 'error')], inspected: true, asides: [] };
}

function findingOf(file: string, problem: SyntaxProblem, severity: Severity): Finding {
  return { gate: 'syntax_validation', file, severity, ...problem, ...(severity === 'error' ? { kind: 'parse' } : {}) };
}

const PARSERS: Readonly<Record<FileKind, (file: string, text: string) => SyntaxProblem[]>> = {
  script: parseScript,
  json: (_, text) => parseJson(text),
  jsonc: (_, text) => parseJsonc(text),
  rc: (_, text) => parseRc(text),
  yaml: (_, text) => parseYaml(text),
  plain: () => [],
};
