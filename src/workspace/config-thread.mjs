// Runs one configuration file, which is a program of the user's, in a thread of its own: whatever it does (exits, hangs, takes
// all memory, prints) ends with the thread. Posts { value } or { problem }.
import { parentPort, workerData } from 'node:worker_threads';
import { readFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { createJiti } from 'jiti';

const { file, self } = workerData;

// stdout belongs to the report.
process.stdout.write = process.stderr.write.bind(process.stderr);

// Found also where the package itself is not installed (npx): all that a configuration imports from it is defineConfig.
const jiti = createJiti(pathToFileURL(file).href, { fsCache: false, moduleCache: false, alias: { 'spark-gates': self } });

// Nothing is left to do and the answer never came. (Awaited at the top level, Node 24 would print a warning of its own.)
process.once('beforeExit', () => { parentPort.postMessage({ problem: 'could not be loaded: it waits for something that never comes; it must only export the configuration' }); });
void answer();

async function answer() {
  try {
    const value = await load();
    const odd = whatIsNoData(value, 'the configuration');
    parentPort.postMessage(odd === null ? { value } : { problem: odd });
  } catch (error) {
    parentPort.postMessage({ problem: `could not be loaded: ${oneSentence(error instanceof Error ? error.message : String(error))}` });
  }
}

async function load() {
  // Node itself would run an .mjs, and would not find the alias.
  const loaded = file.endsWith('.mjs')
    ? await jiti.evalModule((await readFile(file, 'utf8')).replace(/^\uFEFF/, ''), { filename: file.replace(/mjs$/, 'mts'), ext: '.mts', async: true })
    : await jiti.import(file, { default: true });
  return typeof loaded === 'object' && loaded !== null && 'default' in loaded ? loaded.default : loaded;
}

/** A promise, a function and the like cannot leave the thread, and would mean nothing to a run. */
function whatIsNoData(value, at, above = []) {
  if (typeof value === 'function' || typeof value === 'symbol') return `${at} is a ${typeof value}; expected plain data`;
  if (typeof value !== 'object' || value === null) return null;
  if (value instanceof Promise) return `${at} is a promise; await it`;
  // What `{ __proto__: ['src/**'] }` in a program means.
  if (!Array.isArray(value) && Array.isArray(Object.getPrototypeOf(value))) return `${at}: "__proto__" cannot be a key, it would get lost; choose another name`;
  if (above.includes(value)) return `${at} contains itself; expected plain data`;
  for (const [key, inner] of Object.entries(value)) {
    const odd = whatIsNoData(inner, above.length === 0 ? key : `${at}.${key}`, [...above, value]);
    if (odd !== null) return odd;
  }
  return null;
}

/** Node adds who required whom, and a parser the place on a line of its own. */
function oneSentence(message) {
  return message.split('\nRequire stack:')[0].trim().split(/\s*\n\s*/).join(' ');
}
