// Compiles into dist/, from nothing each time: an output whose source is gone would still be imported, and published.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = path.join(root, 'dist');

rmSync(dist, { recursive: true, force: true });
const tsc = fileURLToPath(import.meta.resolve('typescript/bin/tsc'));
const compiled = spawnSync(process.execPath, [tsc, '-p', path.join(root, '.config', 'tsconfig.build.json')], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);

chmodSync(path.join(dist, 'src', 'cli.js'), 0o755);

const { configSchema } = await import(pathToFileURL(path.join(dist, 'src', 'model', 'config.js')).href);
const { teamContextSchema, coordinationSchema, fileLocksSchema } = await import(pathToFileURL(path.join(dist, 'src', 'model', 'documents.js')).href);
const { toJSONSchema } = await import('zod');
mkdirSync(path.join(dist, 'schema'), { recursive: true });
const schemas = {
  'config': ['The configuration of spark-gates', configSchema],
  'team-context': ['What one team was given, and how far it is', teamContextSchema],
  'coordination': ['All teams and tasks of one session', coordinationSchema],
  'file-locks': ['The leases on shared files', fileLocksSchema],
};
for (const [name, [title, schema]] of Object.entries(schemas)) {
  const json = { $id: `spark-gates/schema/${name}.json`, title, ...toJSONSchema(schema, { io: 'input' }) };
  writeFileSync(path.join(dist, 'schema', `${name}.schema.json`), `${JSON.stringify(json, null, 2)}\n`);
}
