import type TypeScript from 'typescript';
import { hasModifier, importTypeNames, isOwnName } from './divide.ts';
import type { TypeScriptModule } from './load.ts';
import { alongPath, covers, DEFAULT, NO_NAMES, union, type Names } from './names.ts';

export interface RequestsOptions {
  readonly program: TypeScript.Program;
  /** Something is said about this file, by names that the compiler finds through all that it imports. */
  readonly isNoisy: (file: string) => boolean;
}

const SCRIPT = /\.[cm]?jsx?$/;

/** Which names of the files that it imports a file asks for: as long as those stay what they are, so does all that the file says. */
export class Requests {
  readonly #ts: TypeScriptModule;
  readonly #options: RequestsOptions;
  readonly #known = new Map<string, ReadonlyMap<string, Names>>();

  constructor(ts: TypeScriptModule, options: RequestsOptions) {
    this.#ts = ts;
    this.#options = options;
  }

  /** Both by absolute name. */
  of(importer: string, target: string): Names {
    const file = this.#options.program.getSourceFile(importer);
    if (file === undefined || SCRIPT.test(importer) || this.#options.isNoisy(importer)) return 'all';
    let requests = this.#known.get(importer);
    if (requests === undefined) this.#known.set(importer, (requests = this.#read(file)));
    return requests.get(target) ?? 'all';
  }

  #read(file: TypeScript.SourceFile): ReadonlyMap<string, Names> {
    // What it adds to a module may be at odds with anything there.
    if (((file as { moduleAugmentations?: readonly unknown[] }).moduleAugmentations ?? []).length > 0) return new Map();
    const checker = this.#options.program.getTypeChecker();
    const requests = new Map<string, Names>();
    const uses = usesIn(this.#ts, file, this.#options.program);
    for (const specifier of specifiersIn(file)) {
      const module = checker.getSymbolAtLocation(specifier);
      for (const declaration of module?.declarations ?? []) {
        const target = declaration.getSourceFile();
        requests.set(target.fileName, union(requests.get(target.fileName) ?? NO_NAMES, namesAt(this.#ts, { uses, specifier, hasDefault: hasDefault(this.#ts, module, target) })));
      }
    }
    return requests;
  }
}

interface Place {
  /** See `usesIn`. */
  readonly uses: ReadonlyMap<string, Names>;
  readonly specifier: TypeScript.StringLiteralLike;
  readonly hasDefault: boolean;
}

/** What is taken from the module that is named here. */
function namesAt(ts: TypeScriptModule, { uses, specifier, hasDefault }: Place): Names {
  const usesOf = ({ text }: TypeScript.Identifier): Names => uses.get(text) ?? NO_NAMES;
  const { parent } = specifier;
  // One that the compiler adds by itself, such as that of JSX, stands nowhere.
  if (specifier.pos < 0) return 'all';
  if (ts.isImportDeclaration(parent)) {
    const { name, namedBindings: bindings } = parent.importClause ?? {};
    const own: Names = name === undefined ? NO_NAMES : hasDefault ? new Map([[DEFAULT, usesOf(name)]]) : 'all';
    if (bindings === undefined) return own;
    if (ts.isNamespaceImport(bindings)) return union(own, usesOf(bindings.name));
    return bindings.elements.map((element) => takenBy(element, hasDefault, usesOf(element.name))).reduce(union, own);
  }
  if (ts.isExportDeclaration(parent)) {
    if (parent.exportClause === undefined || !ts.isNamedExports(parent.exportClause)) return 'all';
    return parent.exportClause.elements.map((element) => takenBy(element, hasDefault, 'all')).reduce(union, NO_NAMES);
  }
  if (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword) return namesAwaited(ts, parent, { usesOf, hasDefault });
  const outer = parent.parent as TypeScript.Node | undefined;
  return ts.isLiteralTypeNode(parent) && outer !== undefined && ts.isImportTypeNode(outer) ? importTypeNames(ts, outer) : 'all';
}

function takenBy({ name, propertyName = name }: Pick<TypeScript.ImportSpecifier | TypeScript.ExportSpecifier, 'name' | 'propertyName'>, hasDefault: boolean, uses: Names): Names {
  return propertyName.text === DEFAULT && !hasDefault ? 'all' : new Map([[propertyName.text, uses]]);
}

/** What is taken of `await import('…')`: a module that exports `then` is waited for as if it were a promise. */
function namesAwaited(ts: TypeScriptModule, call: TypeScript.CallExpression, { usesOf, hasDefault }: { readonly usesOf: (name: TypeScript.Identifier) => Names; readonly hasDefault: boolean }): Names {
  const then: Names = new Map([['then', 'all']]);
  const variable = awaitedInto(ts, call);
  if (variable === null) return ts.isAwaitExpression(call.parent) && ts.isExpressionStatement(call.parent.parent) ? then : 'all';
  if (ts.isIdentifier(variable.name)) return union(then, usesOf(variable.name));
  if (!ts.isObjectBindingPattern(variable.name)) return 'all';
  return variable.name.elements.map(({ dotDotDotToken, name, propertyName = name }) =>
    (dotDotDotToken === undefined && ts.isIdentifier(propertyName) ? takenBy({ name: propertyName }, hasDefault, 'all') : 'all')).reduce(union, then);
}

/** The variable of `const name = await import('…')`; null where others may see it, or its type is another. */
function awaitedInto(ts: TypeScriptModule, { parent }: TypeScript.CallExpression): TypeScript.VariableDeclaration | null {
  if (!ts.isAwaitExpression(parent) || !ts.isVariableDeclaration(parent.parent)) return null;
  const variable = parent.parent;
  const statement = variable.parent.parent;
  return variable.type === undefined && ts.isVariableStatement(statement) && !hasModifier(statement, ts.SyntaxKind.ExportKeyword) ? variable : null;
}

/** The default import of such a module by one of the other kind is the module itself. */
export function isCommonJs(ts: TypeScriptModule, file: TypeScript.SourceFile): boolean {
  return (file as { impliedNodeFormat?: TypeScript.ModuleKind }).impliedNodeFormat === ts.ModuleKind.CommonJS;
}

/** Where there is no such export, and where modules of two kinds meet, a default import is the module as a whole. */
function hasDefault(ts: TypeScriptModule, module: TypeScript.Symbol | undefined, target: TypeScript.SourceFile): boolean {
  const exports = module?.exports as ReadonlyMap<string, unknown> | undefined;
  return !isCommonJs(ts, target) && exports?.has(DEFAULT) === true;
}

function specifiersIn(file: TypeScript.SourceFile): readonly TypeScript.StringLiteralLike[] {
  return (file as { readonly imports?: readonly TypeScript.StringLiteralLike[] }).imports ?? [];
}

/** Reads what all sources name of what they import, so that the first change need not wait for it. */
export function readAllUses(ts: TypeScriptModule, program: TypeScript.Program): void {
  for (const file of program.getSourceFiles()) if (!file.isDeclarationFile && !SCRIPT.test(file.fileName)) usesIn(ts, file, program);
}

/** By the source that was read: which names a file goes by within itself no other file and no program can change. */
const usesKnown = new WeakMap<TypeScript.SourceFile, ReadonlyMap<string, Names>>();

function usesIn(ts: TypeScriptModule, file: TypeScript.SourceFile, program: TypeScript.Program): ReadonlyMap<string, Names> {
  const known = usesKnown.get(file);
  if (known !== undefined) return known;
  const uses = readUses(ts, file, program);
  usesKnown.set(file, uses);
  return uses;
}

/** What a file names of all that it imports, by local name: `a.b.c` by `a.b.c`; `all` of what stands for itself anywhere. */
function readUses(ts: TypeScriptModule, file: TypeScript.SourceFile, program: TypeScript.Program): ReadonlyMap<string, Names> {
  const { jsxFactory, jsxFragmentFactory, reactNamespace } = program.getCompilerOptions();
  const checker = program.getTypeChecker();
  const uses = new Map<string, Names>();
  const collect = (node: TypeScript.Node): void => {
    if (ts.isIdentifier(node)) uses.set(node.text, NO_NAMES);
    ts.forEachChild(node, collect);
  };
  for (const statement of file.statements) if (ts.isImportDeclaration(statement) && statement.importClause !== undefined) collect(statement.importClause);
  const awaited = new Set<string>();
  for (const { parent } of specifiersIn(file)) {
    const name = ts.isCallExpression(parent) ? awaitedInto(ts, parent)?.name : undefined;
    if (name !== undefined && ts.isIdentifier(name)) awaited.add(name.text);
  }
  for (const name of awaited) uses.set(name, NO_NAMES);
  const mentions: TypeScript.Identifier[] = [];
  const declared = new Set<string>();
  const visit = (node: TypeScript.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    if (ts.isIdentifier(node) && uses.has(node.text)) {
      if (isLocal(ts, node.parent)) declared.add(node.text);
      if (!isOwnName(ts, node)) mentions.push(node);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  for (const identifier of mentions) {
    const known = uses.get(identifier.text) ?? NO_NAMES;
    const named = alongPath(pathFrom(ts, identifier));
    // Asking the compiler takes the longest; most names are not declared twice, and named many times.
    if (!covers(known, named) && !(declared.has(identifier.text) && !awaited.has(identifier.text) && isShadowed(ts, checker, identifier))) uses.set(identifier.text, union(known, named));
  }
  // JSX names what it is made by nowhere.
  const makers = [...file.text.matchAll(/@jsx(?:Frag)?\s+([\w$.]+)/g)].map((match) => match[1]);
  for (const maker of [...makers, jsxFactory, jsxFragmentFactory, reactNamespace, 'React']) {
    const name = maker?.split('.')[0] ?? '';
    if (file.languageVariant === ts.LanguageVariant.JSX && uses.has(name)) uses.set(name, 'all');
  }
  return uses;
}

/** The names behind an identifier, each of the one before. */
function pathFrom(ts: TypeScriptModule, identifier: TypeScript.Identifier): string[] {
  const path: string[] = [];
  let node: TypeScript.Node = identifier;
  for (;;) {
    const { parent } = node;
    if (ts.isPropertyAccessExpression(parent) && parent.expression === node) path.push(parent.name.text);
    else if (ts.isQualifiedName(parent) && parent.left === node) path.push(parent.right.text);
    else return path;
    node = parent;
  }
}

/** Something within the file goes by that name there. */
function isShadowed(ts: TypeScriptModule, checker: TypeScript.TypeChecker, identifier: TypeScript.Identifier): boolean {
  if (ts.isShorthandPropertyAssignment(identifier.parent) || ts.isExportSpecifier(identifier.parent)) return false;
  const declarations = checker.getSymbolAtLocation(identifier)?.declarations ?? [];
  return declarations.length > 0 && declarations.every((one) => one.getSourceFile() === identifier.getSourceFile() && isLocal(ts, one));
}

function isLocal(ts: TypeScriptModule, node: TypeScript.Node): boolean {
  return ts.isVariableDeclaration(node) || ts.isParameter(node) || ts.isBindingElement(node) || ts.isTypeParameterDeclaration(node) || ts.isFunctionDeclaration(node);
}
