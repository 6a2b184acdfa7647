// Runs inside the project under check, in a process of its own: loads the project's Mocha options as Mocha does, replaces
// reporter and, where asked, the files, and hands over to Mocha's own command. Its request comes on stdin:
// { packageFolder, binary, temp, words, reporter, related, files, slots } with paths absolute; `files` are the workspace's.
import { appendFileSync, existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import picomatch from 'picomatch';

const request = JSON.parse(readFileSync(0, 'utf8'));
const log = (event) => { appendFileSync(process.env.SPARK_GATES_RUN_LOG, `${JSON.stringify(event)}\n`); };

/** Set by us; the aliases are those that Mocha itself adds. */
const OURS = new Set(['config', 'package', 'reporter', 'reporter-option', 'reporterOption', 'reporter-options', 'reporterOptions', 'R', 'O', 'watch', 'w', 'color', 'c', 'spec']);
let options;
try {
  options = loadOptions();
} catch (error) {
  log({ type: 'crash', message: String(error?.stack ?? error) });
  process.exit(1);
}
const { _: specs = [], ...others } = options;
const kept = Object.fromEntries(Object.entries(others).filter(([name]) => !OURS.has(name)));
const wanted = request.related === null ? specs : [...request.related.filter(matcher(specs.length === 0 ? ['./test'] : specs)), ...specs.filter(isBuilt)];
if (request.related !== null && wanted.length === 0) {
  log({ type: 'end', success: true });
  process.exit(0);
}
const configFile = path.join(mkdtempSync(path.join(request.temp, 'mocha-')), 'mocharc.json');
const jobs = kept.parallel === true ? { jobs: Math.min(kept.jobs ?? request.slots, request.slots) } : {};
writeFileSync(configFile, JSON.stringify({ ...kept, ...jobs, spec: wanted, reporter: request.reporter, color: false, watch: false, 'full-trace': true }));
process.argv = [process.argv[0], request.binary, '--config', configFile, '--no-package'];
await import(pathToFileURL(request.binary).href);

function loadOptions() {
  const require = createRequire(path.join(request.packageFolder, 'package.json'));
  const file = ['options.cjs', 'options.js'].map((name) => path.join(request.packageFolder, 'lib', 'cli', name)).find((one) => existsSync(one));
  if (file === undefined) throw new Error('this version of Mocha has no lib/cli/options');
  return require(file).loadOptions(request.words);
}

/** What was built, and is no file of the workspace, may have been made of any of its sources: it is never left out. */
function isBuilt(spec) {
  return existsSync(picomatch.scan(spec).base) && !request.files.some(matcher([spec]));
}

/** Whether Mocha would take a file for one of the specs: a file, a folder, or a glob. */
function matcher(specs) {
  const extensions = (kept.extension ?? ['js', 'cjs', 'mjs']).map((one) => `.${one.replace(/^\./, '')}`);
  const tests = specs.map((spec) => {
    const absolute = path.resolve(spec);
    if (existsSync(absolute) && statSync(absolute).isDirectory()) {
      return (file) => extensions.some((one) => file.endsWith(one)) && (kept.recursive === true ? file.startsWith(`${absolute}${path.sep}`) : path.dirname(file) === absolute);
    }
    const isMatch = picomatch(path.posix.normalize(spec));
    return (file) => file === absolute || isMatch(path.relative(process.cwd(), file));
  });
  return (file) => tests.some((test) => test(file));
}
