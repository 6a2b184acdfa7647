// Compiles into dist/. Beside it first, and then only what differs is put in place, each file at once: a build may run while
// the product does, as when it checks this repository. An output whose source is gone goes too: it would still be imported.
import { build } from 'esbuild';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');
mkdirSync(dist, { recursive: true });
// Inside dist, so that what is compiled finds its packages, and is ignored as dist is.
const fresh = mkdtempSync(path.join(dist, '.build-'));
process.on('exit', () => { rmSync(fresh, { recursive: true, force: true }); });

const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const compiled = spawnSync(process.execPath, [tsc, '-p', path.join(root, '.config', 'tsconfig.build.json'), '--outDir', fresh], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

// The thin client: one file that loads nothing but node: built-ins until it knows that it has to.
const digest = createHash('sha256');
for (const file of filesOf(fresh).sort()) digest.update(file).update('\0').update(readFileSync(path.join(fresh, file)));
const cli = path.join(fresh, 'src', 'cli.js');
await build({
  entryPoints: [cli], outfile: cli, allowOverwrite: true, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error',
  external: ['./commands/*', './daemon/server.js', './daemon/host.js', './daemon/git-helper.js', './runner/*', './system/git.js', './hooks/lease-edit.js'],
  define: { SPARK_GATES_BUILD: JSON.stringify(digest.digest('hex').slice(0, 16)) },
});
// What shows an earlier run again: whoever waits for that waits for files to be found and read. How git is started is a fact of the
// process (a host has another do it), so there is one module of that.
for (const [file, external] of [['commands/replay.js', ['../reporters/*', '../system/git.js']], ['reporters/pretty.js', []]]) {
  const outfile = path.join(fresh, 'src', file);
  await build({ entryPoints: [outfile], outfile, allowOverwrite: true, bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', logLevel: 'error', external });
}
chmodSync(cli, 0o755);

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
const content = createHash('sha256');
for (const file of filesOf(fresh).sort()) content.update(file).update('\0').update(readFileSync(path.join(fresh, file)));
writeFileSync(path.join(fresh, 'build.json'), `${JSON.stringify({ digest: content.digest('hex') })}\n`);

const built = filesOf(fresh);
for (const file of built) {
  const target = path.join(dist, file);
  if (existsSync(target) && readFileSync(target).equals(readFileSync(path.join(fresh, file)))) continue;
  mkdirSync(path.dirname(target), { recursive: true });
  renameSync(path.join(fresh, file), target);
}
for (const file of filesOf(dist)) if (!built.includes(file)) rmSync(path.join(dist, file), { force: true });

/** Relative to the folder; those of other builds under way are not there. */
function filesOf(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith('.build-'));
}

function copyTo(file, content) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, content);
}
