import type TypeScript from 'typescript';
import type { HiddenMark } from './hidden-marks.ts';
import type { TypeScriptModule } from './load.ts';
import { addName, alongPath, DEFAULT, type Names } from './names.ts';

/** A file's declarations by the names that they declare, so that a change of one is not taken for a change of all. */
export interface Divided {
  readonly parts: ReadonlyMap<string, Part>;
  /** By local name. */
  readonly imports: ReadonlyMap<string, ImportedName>;
  /** By the name that importers write. */
  readonly exports: ReadonlyMap<string, ExportedName>;
  /** Modules of which all is exported, as written. */
  readonly stars: readonly string[];
  /** What belongs to no name: which of the stars are of types only, and marks. */
  readonly rest: string;
}

/** All that one name stands for in a file. */
export interface Part {
  /** Equal when it is declared the same; what it refers to may have changed. */
  readonly text: string;
  /** Identifiers in it, and for those that look like a namespace the members of it that are meant. */
  readonly words: ReadonlyMap<string, Names>;
  /** Modules that it names by itself, as in `import('./a').B`. */
  readonly modules: readonly { readonly specifier: string; readonly names: Names }[];
}

/** `name` of a module's exports; null is the module as a namespace. */
export interface ImportedName {
  readonly specifier: string;
  readonly name: string | null;
  /** Then it is no value, whatever it leads to. */
  readonly isTypeOnly: boolean;
}

/** `text`: as it is exported, with the comments there, which may say that it is deprecated. */
export type ExportedName = { readonly text: string } & ({ readonly kind: 'local'; readonly local: string } | ({ readonly kind: 'module' } & Omit<ImportedName, 'isTypeOnly'>));

/**
 * Of a source by its declarations; `marks` are added to the parts by their names, that of no name is the rest. Null for what cannot be
 * divided: then a change of anything is one of everything.
 */
export function divide(ts: TypeScriptModule, source: TypeScript.SourceFile, { declarations, marks }: { readonly declarations: string; readonly marks: ReadonlyMap<string, HiddenMark> }): Divided | null {
  const file = ts.createSourceFile('declarations.d.ts', declarations, ts.ScriptTarget.Latest, true);
  const statements = new Map<string, TypeScript.Statement[]>();
  const found = { imports: new Map<string, ImportedName>(), exports: new Exports(), stars: [] as string[] };
  let typeStars = '';
  for (const statement of file.statements) {
    if (ts.isImportDeclaration(statement)) {
      if (!addImport(ts, statement, found.imports)) return null;
    } else if (ts.isExportDeclaration(statement)) {
      if (!addExport(ts, statement, found)) return null;
      if (statement.exportClause === undefined && statement.isTypeOnly) typeStars += statement.getText(file);
    } else if (ts.isExportAssignment(statement)) {
      if (statement.isExportEquals === true || !ts.isIdentifier(statement.expression)) return null;
      found.exports.set(DEFAULT, { kind: 'local', local: statement.expression.text, text: statement.getFullText(file) });
    } else {
      const names = declaredNames(ts, statement);
      if (names === null) return null;
      for (const name of names) statements.set(name, [...(statements.get(name) ?? []), statement]);
      if (hasModifier(statement, ts.SyntaxKind.ExportKeyword)) for (const name of names) found.exports.set(hasModifier(statement, ts.SyntaxKind.DefaultKeyword) ? DEFAULT : name, { kind: 'local', local: name, text: '' });
    }
  }
  if (found.exports.isAmbiguous || !addHiddenImports(ts, source, { marks, imports: found.imports })) return null;
  const parts = new Map([...statements].map(([name, own]) => [name, partOf(ts, file, own, marks.get(name))] as const));
  return { parts, ...found, rest: `${typeStars}\n${marks.get('')?.text ?? ''}` };
}

class Exports extends Map<string, ExportedName> {
  /** One name is exported from two places: an error, after which nobody can tell which of them counts. */
  isAmbiguous = false;

  override set(name: string, exported: ExportedName): this {
    const before = this.get(name);
    if (before !== undefined && !(before.kind === 'local' && exported.kind === 'local' && before.local === exported.local)) this.isAmbiguous = true;
    return super.set(name, exported);
  }
}

/** Names that a statement of a file's top level declares; null where it is none of the statements that declare names. */
export function declaredNames(ts: TypeScriptModule, statement: TypeScript.Statement): string[] | null {
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.flatMap(({ name }) => boundNames(ts, name));
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) return [statement.name?.text ?? DEFAULT];
  if (ts.isTypeAliasDeclaration(statement) || ts.isEnumDeclaration(statement)) return [statement.name.text];
  return ts.isModuleDeclaration(statement) && ts.isIdentifier(statement.name) && statement.name.text !== 'global' ? [statement.name.text] : null;
}

function boundNames(ts: TypeScriptModule, name: TypeScript.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : boundNames(ts, element.name)));
}

/** Imports that declarations have no use for, but marks. False where one may be of a kind that says less about what it takes. */
function addHiddenImports(ts: TypeScriptModule, source: TypeScript.SourceFile, { marks, imports }: { readonly marks: ReadonlyMap<string, HiddenMark>; readonly imports: Map<string, ImportedName> }): boolean {
  const words = new Set([...marks.values()].flatMap((mark) => [...mark.words.keys()]));
  if (words.size === 0) return true;
  const written = new Map<string, ImportedName>();
  for (const statement of source.statements) {
    if (ts.isImportEqualsDeclaration(statement) || (ts.isImportDeclaration(statement) && !addImport(ts, statement, written))) return false;
  }
  for (const [name, imported] of written) if (words.has(name) && !imports.has(name)) imports.set(name, imported);
  return true;
}

/** False for a kind of import that says less about what it takes. */
function addImport(ts: TypeScriptModule, { importClause: clause, moduleSpecifier }: TypeScript.ImportDeclaration, imports: Map<string, ImportedName>): boolean {
  if (!ts.isStringLiteral(moduleSpecifier)) return false;
  const specifier = moduleSpecifier.text;
  if (clause?.name !== undefined) imports.set(clause.name.text, { specifier, name: DEFAULT, isTypeOnly: isTypeOnly(clause) });
  const bindings = clause?.namedBindings;
  if (bindings === undefined) return true;
  if (ts.isNamespaceImport(bindings)) {
    imports.set(bindings.name.text, { specifier, name: null, isTypeOnly: isTypeOnly(clause) });
    return true;
  }
  return bindings.elements.every((element) => {
    const { name, propertyName = name } = element;
    imports.set(name.text, { specifier, name: propertyName.text, isTypeOnly: isTypeOnly(clause) || isTypeOnly(element) });
    return ts.isIdentifier(propertyName);
  });
}

/** Newer compilers have another name for it, but this one as well. */
function isTypeOnly(node: TypeScript.ImportClause | TypeScript.ImportSpecifier | undefined): boolean {
  return (node as { readonly isTypeOnly?: boolean } | undefined)?.isTypeOnly === true;
}

function addExport(ts: TypeScriptModule, declaration: TypeScript.ExportDeclaration, { exports, stars }: { exports: Exports; stars: string[] }): boolean {
  const { exportClause: clause, moduleSpecifier } = declaration;
  const file = declaration.getSourceFile();
  const comment = file.text.slice(declaration.pos, declaration.getStart(file));
  const specifier = moduleSpecifier !== undefined && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : null;
  if (clause === undefined) {
    stars.push(specifier ?? '');
    return specifier !== null;
  }
  if (!ts.isNamedExports(clause)) {
    exports.set(clause.name.text, { kind: 'module', specifier: specifier ?? '', name: null, text: declaration.getFullText() });
    return specifier !== null && ts.isIdentifier(clause.name);
  }
  return clause.elements.every((element) => {
    const { name, propertyName = name } = element;
    const text = `${comment}${declaration.isTypeOnly ? 'type ' : ''}${element.getFullText(file)}`;
    exports.set(name.text, specifier === null ? { kind: 'local', local: propertyName.text, text } : { kind: 'module', specifier, name: propertyName.text, text });
    return ts.isIdentifier(name) && ts.isIdentifier(propertyName);
  });
}

function partOf(ts: TypeScriptModule, file: TypeScript.SourceFile, statements: readonly TypeScript.Statement[], mark: HiddenMark | undefined): Part {
  const words = new Map<string, Names>();
  const modules: Part['modules'][number][] = [];
  const visit = (node: TypeScript.Node): void => {
    if (isOwnName(ts, node)) return;
    const [word, ...path] = pathOf(ts, node) ?? [];
    if (word !== undefined) addName(words, word, alongPath(path));
    else if (ts.isImportTypeNode(node)) {
      modules.push({ specifier: importTypeSpecifier(ts, node), names: importTypeNames(ts, node) });
      for (const argument of node.typeArguments ?? []) visit(argument);
    } else ts.forEachChild(node, visit);
  };
  for (const statement of statements) visit(statement);
  for (const [word, names] of mark?.words ?? []) addName(words, word, names);
  return { text: `${statements.map((statement) => statement.getFullText(file)).join('\n')}\n${mark?.text ?? ''}`, words, modules };
}

/** Not a relative one where it is no plain text: then it may be any import. */
function importTypeSpecifier(ts: TypeScriptModule, { argument }: TypeScript.ImportTypeNode): string {
  return ts.isLiteralTypeNode(argument) && ts.isStringLiteral(argument.literal) ? argument.literal.text : '';
}

/** Of the module that an import type names: what stands behind it, or all. */
export function importTypeNames(ts: TypeScriptModule, { qualifier }: TypeScript.ImportTypeNode): Names {
  return qualifier === undefined ? 'all' : alongPath(pathOf(ts, qualifier) ?? []);
}

/** `a.b.c` as its names; null for anything else. */
export function pathOf(ts: TypeScriptModule, node: TypeScript.Node): string[] | null {
  if (ts.isIdentifier(node)) return [node.text];
  const [inner, name] = ts.isQualifiedName(node) ? [node.left, node.right] : ts.isPropertyAccessExpression(node) ? [node.expression, node.name] : [null, null];
  const path = inner === null ? null : pathOf(ts, inner);
  return path === null || name === null ? null : [...path, name.text];
}

/** An identifier that declares something, or names a member: no reference, though something else may be called by the same letters. */
export function isOwnName(ts: TypeScriptModule, node: TypeScript.Node): boolean {
  if (!ts.isIdentifier(node)) return false;
  const { parent } = node;
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isShorthandPropertyAssignment(parent) || ts.isExportSpecifier(parent)) return false;
  return (parent as { readonly name?: TypeScript.Node }).name === node || (ts.isBindingElement(parent) && parent.propertyName === node);
}

export function hasModifier(node: TypeScript.Node, kind: TypeScript.SyntaxKind): boolean {
  return (node as { modifiers?: readonly TypeScript.Node[] }).modifiers?.some((modifier) => modifier.kind === kind) ?? false;
}
