import { parseSync, type OxcError, type ParseResult, type ParserOptions } from 'oxc-parser';
import { LineIndex } from '../engines/text/lines.ts';
import type { SyntaxProblem } from './problem.ts';

/**
 * Every syntax error of a TypeScript or JavaScript file. JavaScript may hold JSX whatever its extension, and early errors
 * (a name declared twice) count as in Node; TypeScript leaves those to the type checker, as tsc does.
 */
export function parseScript(file: string, text: string): SyntaxProblem[] {
  const errors = errorsOf(file, text);
  if (errors.length === 0) return [];
  const lines = new LineIndex(text, true);
  const rule = isTypeScript(file) ? 'syntax/typescript' : 'syntax/javascript';
  return errors.map((error) => {
    const [label] = error.labels;
    const help = error.helpMessage === null ? '' : `\n${error.helpMessage}`;
    return { rule, message: error.message + help, ...(label === undefined ? { line: 1, column: null } : lines.placeOf(label.start)) };
  });
}

function errorsOf(file: string, text: string): OxcError[] {
  const options = optionsOf(file);
  const result = parse(file, text, options);
  const errors = fatal(result);
  // A plain .js file is a module or CommonJS as its package.json says; one without import or export may be either.
  if (errors.length > 0 && options.sourceType === 'unambiguous' && !isTypeScript(file) && !result.module.hasModuleSyntax) {
    if (fatal(parse(file, text, { ...options, sourceType: 'commonjs' })).length === 0) return [];
  }
  return errors;
}

function parse(file: string, text: string, options: ParserOptions): ParseResult {
  return parseSync(file, text, options);
}

function fatal(result: ParseResult): OxcError[] {
  return result.errors.filter((error) => (error.severity as string) === 'Error');
}

function optionsOf(file: string): ParserOptions {
  const sourceType = /\.m[jt]s$/.test(file) ? 'module' : /\.c[jt]s$/.test(file) ? 'commonjs' : 'unambiguous';
  if (!isTypeScript(file)) return { sourceType, lang: 'jsx', showSemanticErrors: true };
  // `styles.d.css.ts` declares what `styles.css` exports.
  return /\.d(?:\.[^./]+)?\.[cm]?ts$/.test(file) ? { sourceType, lang: 'dts' } : { sourceType };
}

function isTypeScript(file: string): boolean {
  return /\.(?:[cm]?ts|tsx)$/.test(file);
}
