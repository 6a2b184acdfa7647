import { parse as parseJsonc, type ParseError } from 'jsonc-parser';
import { parseSync } from 'oxc-parser';
import { parseAllDocuments } from 'yaml';
import { LineIndex } from '../engines/text/lines.ts';
import type { Fence, Place } from './document.ts';

export interface FenceProblem extends Place {
  readonly message: string;
}

const SCRIPTS = new Map([['ts', 'ts'], ['typescript', 'ts'], ['tsx', 'tsx'], ['js', 'jsx'], ['javascript', 'jsx'], ['jsx', 'jsx'], ['mjs', 'jsx'], ['cjs', 'jsx'], ['mts', 'ts'], ['cts', 'ts']] as const);

/** What stands for "more code here" in documents; such a fence is an outline, not code. */
const OUTLINE = /^\s*(?:\.{3}|…)|[([{,=:>]\s*(?:\.{3}|…)(?:\s|[)\]},;]|$)|(?:\.{3}|…)\s*$|<[A-Z_]+>|^[+-](?:\s|$)|\/\/ ?(?:error|\^)/im;

export type FenceVerdict = 'fine' | 'not ours' | 'outline' | FenceProblem;

/** Code fences are excerpts: statements, an expression, or members of a type or class all do. */
export function checkFence(fence: Fence): FenceVerdict {
  const script = SCRIPTS.get(fence.language as 'ts');
  const problem = script === undefined ? dataProblem(fence) : scriptProblem(fence, script);
  if (problem === undefined) return 'not ours';
  if (problem === null) return 'fine';
  return OUTLINE.test(fence.text) ? 'outline' : problem;
}

function scriptProblem(fence: Fence, lang: 'ts' | 'tsx' | 'jsx'): FenceProblem | null {
  const { text } = fence;
  const languages = lang === 'ts' ? (['ts', 'tsx'] as const) : lang === 'jsx' ? (['jsx', 'tsx'] as const) : ([lang] as const);
  const shapes = [text, `(${text}\n)`, `async function* f() {${text}\n}`, `class A {${text}\n}`, `interface A {${text}\n}`, `({${text}\n})`, `declare module 'm' {${text}\n}`, `type A = ${text}`];
  const parses = languages.some((one) => shapes.some((shape) => parseSync('fence.ts', shape, { lang: one, sourceType: 'unambiguous' }).errors.length === 0));
  if (parses || text.trim() === '') return null;
  const [error] = parseSync('fence.ts', text, { lang, sourceType: 'unambiguous' }).errors;
  return { message: error?.message ?? 'does not parse', ...placeIn(fence, error?.labels[0]?.start ?? 0) };
}

/** Null: fine. Undefined: a language that we don't read. */
function dataProblem(fence: Fence): FenceProblem | null | undefined {
  const { language, text } = fence;
  if (text.trim() === '') return null;
  if (['json', 'jsonc', 'json5'].includes(language)) return language === 'json5' ? undefined : jsonProblem(fence);
  if (language !== 'yaml' && language !== 'yml') return undefined;
  const documents = parseAllDocuments(text, { prettyErrors: false, merge: true });
  const error = Array.isArray(documents) ? documents.flatMap((one) => one.errors)[0] : undefined;
  return error === undefined || /\{\{|\{%/.test(text) ? null : { message: error.message, ...placeIn(fence, error.pos[0]) };
}

/** An excerpt of an object's members is common, and so are comments. */
function jsonProblem(fence: Fence): FenceProblem | null {
  const errors: ParseError[] = [];
  for (const shape of [fence.text, `{${fence.text}}`, `[${fence.text}]`, fence.text.trim().split('\n').map((line) => `${line},`).join('\n').replace(/^/, '[').concat(']')]) {
    const shapeErrors: ParseError[] = [];
    parseJsonc(shape, shapeErrors, { allowTrailingComma: true });
    if (shapeErrors.length === 0) return null;
    if (shape === fence.text) errors.push(...shapeErrors);
  }
  return { message: 'is no JSON', ...placeIn(fence, errors[0]?.offset ?? 0) };
}

function placeIn(fence: Fence, offset: number): Place {
  const { line, column } = new LineIndex(fence.text).placeOf(offset);
  return { line: fence.line + line - 1, column };
}
