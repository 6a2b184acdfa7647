import type TypeScript from 'typescript';
import { divide, type Divided } from './divide.ts';
import { hiddenMarks } from './hidden-marks.ts';
import type { TypeScriptModule } from './load.ts';

/** What of a file other files can see, as far as their types, their type errors and typed rules over them can tell. */
export interface Shape {
  /** Equal when nothing that can be seen has changed. */
  readonly text: string;
  /** Modules that its visible types name, as written in its declarations: what changes there shows through here. */
  readonly specifiers: readonly string[];
  /** It can't be told what shows through: any change of an import is taken for a change of this. */
  readonly open: boolean;
  /** The same by names; null where it is known as a whole only. */
  readonly divided: Divided | null;
}

/** With a parameter that is internal, but there from 3.7 to 6: emit declarations whatever the options say. */
type ForcedEmit = (file: TypeScript.SourceFile, write: TypeScript.WriteFileCallback, token: undefined, onlyDeclarations: true, transformers: undefined, force: true) => TypeScript.EmitResult;

const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(\s*|\bimport\s+|\brequire\s*\(\s*|<reference\s+(?:types|path)=)(["'])(.+?)\1/g;
/** An identifier, or what looks like one: a name too many costs time only. */
const WORD = /[\p{ID_Start}$_][\p{ID_Continue}$]*/gu;
const SCRIPT = /\.[cm]?jsx?$/;

/**
 * The declarations that the compiler would emit, and what those leave out although others may notice it. The compiler's own watch
 * mode tells by the declarations alone.
 */
export function shapeOf(ts: TypeScriptModule, program: TypeScript.Program, file: TypeScript.SourceFile): Shape {
  if (file.isDeclarationFile || SCRIPT.test(file.fileName) || file.fileName.endsWith('.json')) return whole(file);
  if (program.getSyntacticDiagnostics(file).length > 0) return whole(file);
  const declarations = declarationsOf(program, file);
  if (declarations === null) return whole(file);
  const marks = hiddenMarks(ts, file, new Set(declarations.match(WORD)));
  return {
    text: `${declarations}\n${[...marks.values()].map(({ text }) => text).join('\n')}`,
    specifiers: [...declarations.matchAll(SPECIFIER)].map((match) => match[2] ?? ''),
    open: [...marks.values()].some(({ words }) => words.size > 0),
    divided: divide(ts, file, { declarations, marks }),
  };
}

function whole(file: TypeScript.SourceFile): Shape {
  return { text: file.text, specifiers: [], open: true, divided: null };
}

/** Null when they are not the whole truth: the compiler met a type that it could not write down. */
function declarationsOf(program: TypeScript.Program, file: TypeScript.SourceFile): string | null {
  const options = program.getCompilerOptions();
  const { stripInternal, removeComments } = options;
  let text: string | null = null;
  // In a program of sources everybody sees what is internal, and rules read comments such as @deprecated.
  options.stripInternal = false;
  options.removeComments = false;
  try {
    const emit = program.emit.bind(program) as ForcedEmit;
    const { diagnostics } = emit(file, (_, written) => { text = written; }, undefined, true, undefined, true);
    return diagnostics.length > 0 ? null : text;
  } finally {
    restore(options, { stripInternal, removeComments });
  }
}

function restore(options: TypeScript.CompilerOptions, before: Pick<TypeScript.CompilerOptions, 'stripInternal' | 'removeComments'>): void {
  for (const name of ['stripInternal', 'removeComments'] as const) {
    if (before[name] === undefined) Reflect.deleteProperty(options, name);
    else options[name] = before[name];
  }
}
