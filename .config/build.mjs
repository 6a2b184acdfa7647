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
const { toJSONSchema } = await import('zod');
mkdirSync(path.join(dist, 'schema'), { recursive: true });
const schema = { $id: 'spark-gates/schema/config.json', title: 'The configuration of spark-gates', ...toJSONSchema(configSchema, { io: 'input' }) };
writeFileSync(path.join(dist, 'schema', 'config.schema.json'), `${JSON.stringify(schema, null, 2)}\n`);
