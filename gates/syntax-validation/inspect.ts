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

/** Looks at files one by one and keeps what it found. */
export class SyntaxInspection {
  readonly findings: Finding[] = [];
  readonly inspected: string[] = [];
  readonly #binary: string[] = [];
  readonly #large: string[] = [];
  readonly #gone: string[] = [];
  readonly #wide: string[] = [];
  readonly #flow: string[] = [];
  readonly #templates: string[] = [];
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  inspect(file: string): void {
    const source = readSourceText(this.#root, file);
    if (source.kind === 'text') this.#inspectText(file, source);
    else this.#inspectOther(file, source);
  }

  get notes(): string[] {
    return [
      ...noteOf(this.#binary, 'binary, not inspected'),
      ...noteOf(this.#large, `above ${String(LIMITS.fileBytesMax / 1024 / 1024)} MiB, not parsed`),
      ...noteOf(this.#gone, 'not readable as a file (removed, a folder, or a link that leads nowhere)'),
      ...noteOf(this.#wide, 'in UTF-16'),
      ...noteOf(this.#flow, 'written in Flow, not parsed'),
      ...noteOf(this.#templates, 'a template that becomes YAML, not parsed'),
    ];
  }

  #inspectText(file: string, source: Extract<SourceText, { kind: 'text' }>): void {
    if (source.encoding === 'utf-16') this.#wide.push(file);
    const conflicts = findConflictMarkers(source.text);
    // What a parser says about conflict markers only repeats them, many times over.
    const problems = conflicts.length > 0 ? conflicts : this.#parse(file, source.text);
    if (problems === null) return;
    this.inspected.push(file);
    for (const problem of problems) this.#add(file, problem, 'error');
  }

  /** Null when the file is of a kind that this gate can't parse: it then counts as not inspected. */
  #parse(file: string, text: string): SyntaxProblem[] | null {
    const kind = fileKindOf(file);
    if (kind === 'script' && isFlow(file, text)) {
      this.#flow.push(file);
      return null;
    }
    const problems = PARSERS[kind](file, text);
    if (kind === 'yaml' && problems.length > 0 && isYamlTemplate(text)) {
      this.#templates.push(file);
      return null;
    }
    return problems;
  }

  #inspectOther(file: string, source: Exclude<SourceText, { kind: 'text' }>): void {
    const isSource = fileKindOf(file) !== 'plain';
    switch (source.kind) {
      case 'binary':
        if (isSource) this.#reject(file, { rule: 'binary', message: 'holds NUL bytes: this is no text file', line: source.line, column: null });
        else this.#binary.push(file);
        return;
      case 'invalid-utf-8':
        if (mustBeText(file)) this.#reject(file, { rule: 'invalid-utf-8', message: 'holds a byte that is no UTF-8', line: source.line, column: source.column });
        else this.#binary.push(file);
        return;
      case 'too-large':
        this.#large.push(file);
        if (isSource) this.#add(file, { rule: 'too-large', message: `${String(source.bytes)} bytes: too large to be parsed`, line: 1, column: null }, 'warning');
        return;
      case 'unreadable':
        this.#gone.push(file);
    }
  }

  #reject(file: string, problem: SyntaxProblem): void {
    this.inspected.push(file);
    this.#add(file, problem, 'error');
  }

  #add(file: string, problem: SyntaxProblem, severity: Severity): void {
    this.findings.push({ gate: 'syntax_validation', file, severity, ...problem, ...(severity === 'error' ? { kind: 'parse' } : {}) });
  }
}

const PARSERS: Readonly<Record<FileKind, (file: string, text: string) => SyntaxProblem[]>> = {
  script: parseScript,
  json: (_, text) => parseJson(text),
  jsonc: (_, text) => parseJsonc(text),
  rc: (_, text) => parseRc(text),
  yaml: (_, text) => parseYaml(text),
  plain: () => [],
};
