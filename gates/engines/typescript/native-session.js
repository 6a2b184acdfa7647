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
/** Faults of the files that would be written: the session takes no --noEmit. */
const OUTPUT_CODES = new Set([5011, 5055, 5056, 5096]);
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
  const options = program.getProgramDiagnostics().filter(({ code }) => !OUTPUT_CODES.has(code));
  const global = program.getGlobalDiagnostics();
  const broken = new Set(syntactic.map((diagnostic) => diagnostic.fileName));
  const semantic = options.length > 0 ? [] : program.getSemanticDiagnostics().filter((diagnostic) => !broken.has(diagnostic.fileName));
  const { declaration, composite } = program.getCompilerOptions();
  const declarations = broken.size === 0 && options.length + global.length + semantic.length === 0 && (declaration || composite) ? program.getDeclarationDiagnostics() : [];
  const diagnostics = [
    ...[...configuration, ...options, ...global, ...semantic, ...declarations].map((diagnostic) => describe(diagnostic, false)),
    ...syntactic.map((diagnostic) => describe(diagnostic, true)),
  ];
  return {
    // One of the options may come as one of no file as well.
    diagnostics: [...new Map(diagnostics.map((diagnostic) => [JSON.stringify(diagnostic), diagnostic])).values()],
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
