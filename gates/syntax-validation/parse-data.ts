import { parseTree, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { parseAllDocuments } from 'yaml';
import { LineIndex } from '../engines/text/lines.ts';
import type { SyntaxProblem } from './problem.ts';

/** Strict JSON, as JSON.parse reads it. */
export function parseJson(text: string): SyntaxProblem[] {
  const fault = jsonFault(text);
  if (fault === null) return [];
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false, allowEmptyContent: false });
  return problemsOf(text, errors, fault);
}

/** JSON with comments and trailing commas. */
export function parseJsonc(text: string): SyntaxProblem[] {
  const errors: ParseError[] = [];
  // An empty tsconfig or settings file is what its reader takes for {}.
  parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  return errors.length === 0 ? [] : problemsOf(text, errors, '');
}

/** `.eslintrc` and its kin: JSON when it starts like JSON, else YAML. */
export function parseRc(text: string): SyntaxProblem[] {
  return /^\s*(?:[{[]|\/[/*])/.test(text) ? parseJsonc(text) : parseYaml(text);
}

/** All documents of a YAML stream; unknown tags are fine, duplicate keys are not. */
export function parseYaml(text: string): SyntaxProblem[] {
  const lines = new LineIndex(text);
  const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: true, merge: true });
  if (!Array.isArray(documents)) return [];
  return documents.flatMap((document) =>
    document.errors.map((error) => ({ rule: 'syntax/yaml', message: error.message, ...lines.placeOf(error.pos[0]) })),
  );
}

/**
 * Helm, Jinja and their like put whole template lines into .yaml files, which are no YAML before they are rendered.
 * GitHub's `${{ … }}` is YAML.
 */
export function isYamlTemplate(text: string): boolean {
  return /^\s*(?:-\s+)?(?:[\w.-]+:\s+)?(?:\{\{|\{%)/m.test(text);
}

function jsonFault(text: string): string | null {
  try {
    JSON.parse(text);
    return null;
  } catch (error) {
    if (error instanceof SyntaxError) return error.message;
    throw error;
  }
}

/**
 * jsonc-parser knows the place; where it is more lenient than JSON.parse, the place is in that one's message, or line 1. It
 * goes on after an error and then stumbles over the same place again: one problem a line is kept.
 */
function problemsOf(text: string, errors: readonly ParseError[], fault: string): SyntaxProblem[] {
  const lines = new LineIndex(text);
  const problems = errors.map((error) => ({ rule: 'syntax/json', message: wordsOf(printParseErrorCode(error.error)), ...lines.placeOf(error.offset) }));
  if (problems.length > 0) return problems.filter((problem, index) => problem.line !== problems[index - 1]?.line);
  const position = /at position (\d+)/.exec(fault)?.[1];
  return [{ rule: 'syntax/json', message: fault, ...lines.placeOf(position === undefined ? 0 : Number(position)) }];
}

/** `CommaExpected` → `comma expected`. */
function wordsOf(code: string): string {
  return code.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
}
