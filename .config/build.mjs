// Compiles into dist/. Beside it first, and then only what differs is put in place, each file at once: a build may run while
// the product does, as when it checks this repository. An output whose source is gone goes too: it would still be imported.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle, CHUNKS } from './bundle.mjs';
import { digestOf, filesOf } from './files.mjs';

/** What was built before may be running, and load its parts, which have other names in each build, only when it needs them. */
const CHUNK_MS = process.argv.includes('--clean') ? 0 : 60 * 60_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
mkdirSync(dist, { recursive: true });
// Inside dist, so that what is compiled finds its packages, and is ignored as dist is.
const fresh = mkdtempSync(path.join(dist, '.build-'));
process.on('exit', () => { rmSync(fresh, { recursive: true, force: true }); });

const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const compiled = spawnSync(process.execPath, [tsc, '-p', path.join(root, '.config', 'tsconfig.build.json'), '--outDir', fresh], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

await bundle(fresh, root);
chmodSync(path.join(fresh, 'src', 'cli.js'), 0o755);

const { configSchema } = await import(pathToFileURL(path.join(fresh, 'src', 'model', 'config.js')).href);
const { teamContextSchema, coordinationSchema, fileLocksSchema } = await import(pathToFileURL(path.join(fresh, 'src', 'model', 'documents.js')).href);
const { toJSONSchema } = await import('zod');
mkdirSync(path.join(fresh, 'schema'), { recursive: true });
const schemas = {
  'config': ['The configuration of spark-gates', configSchema],
  'team-context': ['What one team was given, and how far it is', teamContextSchema],
  'coordination': ['All teams and tasks of one session', coordinationSchema],
  'file-locks': ['The leases on shared files', fileLocksSchema],
};
for (const [name, [title, schema]] of Object.entries(schemas)) {
  const json = { $id: `spark-gates/schema/${name}.json`, title, ...toJSONSchema(schema, { io: 'input' }) };
  writeFileSync(path.join(fresh, 'schema', `${name}.schema.json`), `${JSON.stringify(json, null, 2)}\n`);
}

for (const file of filesOf(path.join(root, 'agents'))) {
  if (!file.endsWith('.ts')) copyTo(path.join(fresh, 'agents', file), readFileSync(path.join(root, 'agents', file)));
}
const facts = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const { renderPlugin, renderMarketplace } = await import(pathToFileURL(path.join(fresh, 'agents', 'plugin.js')).href);
for (const { file, content } of renderPlugin(facts)) copyTo(path.join(fresh, 'plugin', file), content);
copyTo(path.join(fresh, renderMarketplace(facts, './plugin').file), renderMarketplace(facts, './plugin').content);

// What is kept of a run says which build it was of.
writeFileSync(path.join(fresh, 'build.json'), `${JSON.stringify({ digest: digestOf(fresh) })}\n`);

// What others load goes in place before those that load it.
const built = filesOf(fresh).sort((a, b) => Number(isChunk(b)) - Number(isChunk(a)));
const now = new Date();
for (const file of built) {
  const target = path.join(dist, file);
  const isThere = existsSync(target) && readFileSync(target).equals(readFileSync(path.join(fresh, file)));
  if (!isThere) {
    mkdirSync(path.dirname(target), { recursive: true });
    renameSync(path.join(fresh, file), target);
  }
  if (isChunk(file)) utimesSync(target, now, now);
}
for (const file of filesOf(dist)) {
  if (built.includes(file) || (isChunk(file) && now.getTime() - statSync(path.join(dist, file)).mtimeMs < CHUNK_MS)) continue;
  rmSync(path.join(dist, file), { force: true });
}

function isChunk(file) {
  return path.dirname(file) === CHUNKS;
}

function copyTo(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
