// Asks TypeScript 7's editor session about one project and prints the answer as one JSON document. A program of its own, run by
// `native.ts`, because the session blocks its thread. The only file that knows `typescript/unstable/sync`.
//
//     node native-session.js <typescript folder> <root> <tsconfig>
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [folder = '', root = '', config = ''] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const { API } = await import(pathToFileURL(path.join(folder, manifest.exports['./unstable/sync'])).href);

const CATEGORY_ERROR = 1;
const lineStarts = new Map();

const api = new API({ cwd: root });
try {
  const project = api.updateSnapshot({ openProjects: [config] }).getProject(config);
  if (project === undefined) throw new Error(`${config} cannot be opened`);
  process.stdout.write(JSON.stringify(answer(project.program)));
} finally {
  api.close();
}

/** The order and the conditions are those of `tsc --noEmit`, but a file that does not parse hides only its own type errors. */
function answer(program) {
  const configuration = program.getConfigFileParsingDiagnostics();
  const syntactic = program.getSyntacticDiagnostics();
  const options = [...program.getProgramDiagnostics(), ...program.getGlobalDiagnostics()];
  const broken = new Set(syntactic.map((diagnostic) => diagnostic.fileName));
  const semantic = options.length > 0 ? [] : program.getSemanticDiagnostics().filter((diagnostic) => !broken.has(diagnostic.fileName));
  const { declaration, composite } = program.getCompilerOptions();
  const declarations = broken.size === 0 && options.length === 0 && semantic.length === 0 && (declaration || composite) ? program.getDeclarationDiagnostics() : [];
  return {
    diagnostics: [
      ...[...configuration, ...options, ...semantic, ...declarations].map((diagnostic) => describe(diagnostic, false)),
      ...syntactic.map((diagnostic) => describe(diagnostic, true)),
    ],
    files: program.getSourceFileNames(),
  };
}

function describe(diagnostic, parse) {
  const file = diagnostic.fileName || null;
  const place = file === null ? null : placeOf(file, diagnostic.pos);
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
function placeOf(file, position) {
  let starts = lineStarts.get(file);
  if (starts === undefined) {
    const text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
    starts = [0, ...[...text.matchAll(/\r\n|[\n\r\u2028\u2029]/g)].map((match) => match.index + match[0].length)];
    lineStarts.set(file, starts);
  }
  let line = starts.length;
  while (line > 1 && starts[line - 1] > position) line -= 1;
  return { line, column: position - starts[line - 1] + 1 };
}
