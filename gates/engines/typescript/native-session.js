// Asks TypeScript 7's editor session about one project and prints the answer as one JSON document. A program of its own, run by
// `native.ts` and kept by `native-kept.ts`, because the session blocks its thread. The only file that knows `typescript/unstable/sync`.
//
//     node native-session.js <typescript folder> <root> <tsconfig> [--keep]
//
// With --keep it answers anew, in a line, for each line that it reads, until there are no more.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

const [folder = '', root = '', config = '', keep = ''] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const { API } = await import(pathToFileURL(path.join(folder, manifest.exports['./unstable/sync'])).href);

const CATEGORY_ERROR = 1;
/** Errors that depend on where the compiler begins, as in `diagnostics.ts`: in pieces they are found at other places, or not at all. */
const ORDER_SENSITIVE = new Set([2303, 2321, 2456, 2502, 2506, 2589, 2590, 2615, 2799, 7022, 7023, 7024]);
/** After so many questions it begins anew: what a compiler leaks nobody else can clear. */
const QUESTIONS_MAX = 500;
/** Under which is kept what is said of no file. */
const NO_FILE = '';
/** With more to be asked than this share of all files, all at once are asked sooner. */
const SHARE_MAX = 0.5;

const session = makeSession();
try {
  if (keep === '--keep') {
    for await (const line of createInterface({ input: process.stdin })) {
      if (line !== '') await say(`${JSON.stringify(session.look())}\n`);
      // Nobody waits for this.
      session.link();
    }
  } else await say(JSON.stringify(session.look()));
} finally {
  session.close();
}

function say(text) {
  return new Promise((resolve) => { process.stdout.write(text, resolve); });
}

/**
 * What the project's files were found to hold, as far as that is still true of them: a changed file and all that import it, at
 * whatever distance, are asked again. Whatever else may change what the compiler sees begins anew.
 */
function makeSession() {
  let api = null;
  let known = null;

  function begin() {
    close();
    const manifests = new Map();
    const see = (name) => {
      if (name.endsWith('.json') && !manifests.has(name)) manifests.set(name, digestOf(name));
    };
    // Only watched: what is returned says that it is to look for itself.
    api = new API({ cwd: root, fs: { readFile: see, fileExists: see } });
    const parsed = JSON.stringify(api.parseConfigFile(config));
    const project = open({ openProjects: [config] });
    known = { ...project, parsed, manifests, links: null, semantic: new Map(), declarations: new Map(), global: null, isPieced: false, questions: 0 };
  }

  function open(change) {
    const snapshot = api.updateSnapshot(change);
    const project = snapshot.getProject(config);
    if (project === undefined) throw new Error(`${config} cannot be opened`);
    return { snapshot, project, program: project.program, names: project.program.getSourceFileNames() };
  }

  /** Null: nothing of what is known can be believed. */
  function follow(before) {
    if (before.questions >= QUESTIONS_MAX) return null;
    if ([before.semantic, before.declarations].some((found) => (found.get(NO_FILE) ?? []).length > 0)) return null;
    const sources = new Set(before.names);
    if (JSON.stringify(api.parseConfigFile(config)) !== before.parsed) return null;
    for (const [name, digest] of before.manifests) if (!sources.has(name) && digestOf(name) !== digest) return null;
    const links = before.links ?? linksOf(before, null);
    const after = open({ fileChanges: { invalidateAll: true } });
    const now = { ...after, links: linksOf(after, { ...before, links }) };
    const changed = changedFiles({ ...before, links }, now);
    before.snapshot.dispose();
    if (changed === null) return { ...before, ...now, semantic: new Map(), declarations: new Map(), global: null, isPieced: false, questions: before.questions + 1 };
    const [semantic, declarations] = [new Map(before.semantic), new Map(before.declarations)];
    for (const name of closureOf(changed, [links, now.links])) {
      semantic.delete(name);
      declarations.delete(name);
    }
    return { ...before, ...now, semantic, declarations, isPieced: true, questions: before.questions + 1 };
  }

  function look() {
    const before = known;
    // Whatever breaks it off leaves nothing half done behind.
    known = null;
    const followed = before === null ? null : follow(before);
    if (followed === null) begin();
    else known = followed;
    const found = answer(known);
    if (!known.isPieced || !found.diagnostics.some(({ code }) => ORDER_SENSITIVE.has(code))) return found;
    begin();
    return answer(known);
  }

  function link() {
    known.links ??= linksOf(known, null);
  }

  function close() {
    api?.close();
    api = null;
    known = null;
  }

  return { look, link, close };
}

/** Of each file what it imports, by absolute name; those of `before` are taken over for a file that is the same in it. */
function linksOf({ project, program, names }, before) {
  const isSameSet = before !== null && names.length === before.names.length && names.every((name) => before.links.has(name));
  const links = new Map();
  for (const name of names) {
    const file = program.getSourceFile(name);
    const old = before?.links.get(name);
    links.set(name, isSameSet && old !== undefined && old.file === file ? old : linkOf(file, project));
  }
  return links;
}

function linkOf(file, { checker }) {
  const imports = [...file.imports];
  const symbols = imports.length === 0 ? [] : checker.getSymbolAtLocation(imports);
  const targets = symbols.flatMap((symbol) => (symbol?.declarations ?? []).map((declaration) => declaration.path));
  const referenced = file.referencedFiles.map(({ fileName }) => path.resolve(path.dirname(file.fileName), fileName));
  return { file, imports: new Set([...targets, ...referenced].filter((target) => target !== file.path)), isWhole: symbols.every((symbol) => symbol !== undefined), concernsAll: concernsAll(file) };
}

/** It declares something that files see without importing it, or it comes from outside of what people edit. */
function concernsAll(file) {
  if (file.fileName.endsWith('.json')) return false;
  if (file.isDeclarationFile && file.fileName.includes('/node_modules/')) return true;
  return file.externalModuleIndicator === undefined || file.moduleAugmentations.length > 0 || file.ambientModuleNames.length > 0 || /\bexport\s+as\s+namespace\b/.test(file.text);
}

/** By name; null where that is all of them. */
function changedFiles(before, after) {
  const changed = new Set();
  for (const [name, now] of after.links) {
    const old = before.links.get(name);
    // Of an import that leads nowhere nobody can tell where it is looked for.
    if (old !== undefined && old.file === now.file && now.isWhole && isEqual(old.imports, now.imports)) continue;
    if (now.concernsAll || old?.concernsAll === true) return null;
    changed.add(name);
  }
  for (const [name, old] of before.links) {
    if (after.links.has(name)) continue;
    if (old.concernsAll) return null;
    changed.add(name);
  }
  return changed;
}

/** The files and all that import them, in any of these links. */
function closureOf(changed, linkings) {
  const importers = new Map();
  for (const links of linkings) {
    for (const [name, { imports }] of links) {
      for (const target of imports) importers.set(target, (importers.get(target) ?? new Set()).add(name));
    }
  }
  const paths = new Map(linkings.flatMap((links) => [...links].map(([name, { file }]) => [name, file.path])));
  const closure = new Set(changed);
  for (const name of closure) {
    for (const target of [name, paths.get(name)]) for (const importer of importers.get(target) ?? []) closure.add(importer);
  }
  return closure;
}

function isEqual(a, b) {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

/** The order and the conditions are those of `tsc --noEmit`, but a file that does not parse hides only its own type errors. */
function answer(known) {
  const { program, names } = known;
  const asked = names.filter((name) => !known.semantic.has(name));
  const configuration = program.getConfigFileParsingDiagnostics();
  const syntactic = program.getSyntacticDiagnostics();
  // Said of what everybody sees, which has not changed where only pieces are asked; and it takes a check of everything.
  known.global ??= program.getGlobalDiagnostics();
  const options = [...program.getProgramDiagnostics(), ...known.global];
  const broken = new Set(syntactic.map((diagnostic) => diagnostic.fileName));
  const semantic = options.length > 0 ? [] : eachOnce(known.semantic, known, (file) => program.getSemanticDiagnostics(file)).filter((diagnostic) => !broken.has(diagnostic.fileName));
  const { declaration, composite } = program.getCompilerOptions();
  const asksDeclarations = broken.size === 0 && options.length === 0 && semantic.length === 0 && (declaration || composite);
  const declarations = asksDeclarations ? eachOnce(known.declarations, known, (file) => program.getDeclarationDiagnostics(file)) : [];
  const places = new Map();
  return {
    diagnostics: [
      ...[...configuration, ...options, ...semantic, ...declarations].map((diagnostic) => describe(diagnostic, false, places)),
      ...syntactic.map((diagnostic) => describe(diagnostic, true, places)),
    ],
    files: names,
    asked,
  };
}

/** What is known of a file is not asked again; what is asked becomes known. `ask` without a file asks about all. */
function eachOnce(found, { names }, ask) {
  const missing = names.filter((name) => !found.has(name));
  if (missing.length > names.length * SHARE_MAX) {
    found.clear();
    for (const name of names) found.set(name, []);
    found.set(NO_FILE, []);
    for (const diagnostic of ask()) found.get(found.has(diagnostic.fileName) ? diagnostic.fileName : NO_FILE).push(diagnostic);
  } else for (const name of missing) found.set(name, [...ask(name)]);
  return [...names, NO_FILE].flatMap((name) => found.get(name) ?? []);
}

function describe(diagnostic, parse, places) {
  const file = diagnostic.fileName || null;
  const place = file === null ? null : placeOf(file, diagnostic.pos, places);
  return {
    code: diagnostic.code,
    severity: diagnostic.category === CATEGORY_ERROR ? 'error' : 'warning',
    message: flatten(diagnostic, 0),
    file,
    line: place?.line ?? null,
    column: place?.column ?? null,
    parse,
  };
}

function flatten(diagnostic, depth) {
  return [`${'  '.repeat(depth)}${diagnostic.text}`, ...(diagnostic.messageChain ?? []).map((next) => flatten(next, depth + 1))].join('\n');
}

/** Positions count UTF-16 code units from the start of the file without its byte order mark. */
function placeOf(file, position, places) {
  let starts = places.get(file);
  if (starts === undefined) {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    starts = [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map((match) => match.index + match[0].length)];
    places.set(file, starts);
  }
  let line = starts.length;
  while (line > 1 && starts[line - 1] > position) line -= 1;
  return { line, column: position - starts[line - 1] + 1 };
}

/** Null where there is nothing to be read. */
function digestOf(file) {
  try {
    return createHash('sha1').update(readFileSync(file)).digest('base64');
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
