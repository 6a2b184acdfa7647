// Requests to one daemon, edits between them, and what it holds on to: memory, handles, threads, processes. Prints one JSON line a sample.
//   Run `npm run build` before. Arguments: requests (2000), edits (500).
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { daemonAddress } from '../src/daemon/address.ts';
import { askDaemon } from '../src/daemon/client.ts';
import { probe } from '../src/daemon/probe.ts';
import { startDaemon } from '../src/daemon/start-daemon.ts';
import type { DaemonStatus, Identity } from '../src/daemon/messages.ts';
import type { Output } from '../src/system/output.ts';
import { watchStopRequests } from './stop-requests.ts';

const [requests = 2_000, edits = 500] = process.argv.slice(2).map(Number);
const root = findRoot(path.dirname(fileURLToPath(import.meta.url)));
const program = path.join(root, 'dist', 'src', 'cli.js');
const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sg-load-')));
const environment: Record<string, string> = { PATH: process.env.PATH ?? '', HOME: folder, XDG_RUNTIME_DIR: folder, XDG_CACHE_HOME: path.join(folder, 'cache') };
const address = daemonAddress(environment, process.platform);
if (address === null) throw new Error('there is no place for a daemon');

const project = path.join(folder, 'project');
await makeProject();
if (!(await startDaemon({ address, program, environment, wait: true }))) throw new Error('the daemon does not start');
const identity = identify();
const isStopWanted = watchStopRequests();
const sampleEvery = Math.max(1, Math.floor(requests / 20));
let wrong = 0;
try {
  for (let request = 1; request <= requests && !(await isStopWanted()); request += 1) {
    const isEdit = Math.floor(request * edits / requests) > Math.floor((request - 1) * edits / requests);
    if (isEdit) await writeFile(path.join(project, 'src', `file-${String(request % 50)}.ts`), `export const value${String(request)} = ${String(request)};\n`);
    const { answer, report } = await ask(request % 4 === 0 ? ['run', '--changed', '--gate', 'syntax_validation', '--reporter', 'json'] : ['plan', '--gate', 'syntax_validation', 'integration_test', '--json']);
    if (answer !== 0 || !report.startsWith('{')) wrong += 1;
    if (request % sampleEvery === 0) console.log(JSON.stringify({ request, wrong, ...(await sample()) }));
  }
} finally {
  await probe(address, { type: 'stop', identity }).then((found) => (found.kind === 'answer' ? found.closed(30_000) : false));
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

async function makeProject(): Promise<void> {
  await mkdir(path.join(project, 'src'), { recursive: true });
  await writeFile(path.join(project, 'package.json'), '{ "name": "load", "private": true, "type": "module" }\n');
  for (let file = 0; file < 50; file += 1) await writeFile(path.join(project, 'src', `file-${String(file)}.ts`), `import './file-${String((file + 1) % 50)}.ts';\nexport {};\n`);
  for (const args of [['init', '--quiet'], ['add', '--all'], ['-c', 'user.name=load', '-c', 'user.email=load@localhost', 'commit', '--quiet', '--message', 'Start']]) spawnSync('git', args, { cwd: project });
}

async function ask(args: readonly string[]): Promise<{ answer: number; report: string }> {
  let report = '';
  const output = (take: (text: string) => void): Output => ({ write: take, flush: () => Promise.resolve(), isTTY: false, columns: Infinity, rows: 24 });
  const facts = { isTTY: false, colour: false, columns: null, rows: 24 };
  const never = new AbortController().signal;
  const answer = await askDaemon({
    address: address ?? unreachable(), program, signal: never, force: never,
    request: { type: 'run', identity, args, cwd: project, environment, umask: 0o022, stdout: facts, stderr: facts, live: false, unicode: true },
    stdout: output((text) => { report += text; }),
    stderr: output((text) => { process.stderr.write(text); }),
  });
  return { answer: answer.kind === 'done' ? answer.exitCode : -1, report };
}

function identify(): Identity {
  const { stdout } = spawnSync(process.execPath, [program, 'daemon', 'status', '--json'], { env: environment, encoding: 'utf8' });
  const { build, node } = JSON.parse(stdout) as Pick<Identity, 'build' | 'node'>;
  return { protocol: 1, build, node, program };
}

async function sample(): Promise<object> {
  const found = await probe(address ?? unreachable(), { type: 'status', identity });
  if (found.kind !== 'answer' || found.message.type !== 'status') return { lost: found.kind };
  const { pid, memoryBytes, hosts }: DaemonStatus = found.message;
  const host = hosts[0]?.pid ?? 0;
  return { daemonMB: megabytes(memoryBytes), daemonHandles: await count(`/proc/${String(pid)}/fd`), hostMB: megabytes(hosts[0]?.memoryBytes ?? 0), hostHandles: await count(`/proc/${String(host)}/fd`), hostThreads: await count(`/proc/${String(host)}/task`), hosts: hosts.length, processes: await descendants(pid) };
}

async function count(folderOfProcess: string): Promise<number> {
  return (await readdir(folderOfProcess).catch(() => [])).length;
}

async function descendants(pid: number): Promise<number> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = new Map(await Promise.all(pids.map(async (one) => [one, Number(/\) \S (\d+)/.exec(await readFile(`/proc/${String(one)}/stat`, 'utf8').catch(() => ''))?.[1] ?? 0)] as const)));
  const found = new Set([pid]);
  for (const ancestor of found) for (const [one, parent] of parents) if (parent === ancestor) found.add(one);
  return found.size;
}

/** Also from where it was bundled to. */
function findRoot(from: string): string {
  return from.includes('node_modules') ? from.slice(0, from.indexOf(`${path.sep}node_modules`)) : path.dirname(from);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1024 / 1024);
}

function unreachable(): never {
  throw new Error('there is no place for a daemon');
}
