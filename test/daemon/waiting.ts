import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { makeProject, type Project } from '../rig/project.ts';
import type { DaemonHome } from '../rig/daemon.ts';

export const SYNTAX = ['--gate', 'syntax_validation'];

/** Says that it runs, and waits until it may end. Its files lie where no run sees them. */
const TOOL = `
const fs = require('node:fs');
fs.appendFileSync('.git/started', process.pid + '\\n');
const timer = setInterval(() => { if (fs.existsSync('.git/go')) { clearInterval(timer); process.exit(1); } }, 10);
`;
export const WAITING = ['--no-cache', '--gate', 'lint_enforcement', '--reporter', 'json'];

export function makeWaiting(): Promise<Project> {
  return makeProject({ 'a.js': 'export const a = 1;\n', 'tool.cjs': TOOL, 'spark-gates.config.json': JSON.stringify({ gates: { lint_enforcement: { command: 'node tool.cjs' } } }) }, { git: true });
}

export async function startsOf(project: Project): Promise<number[]> {
  return (await readFile(path.join(project.root, '.git/started'), 'utf8').catch(() => '')).split('\n').filter((line) => line !== '').map(Number);
}

export function timeless(text: string): string {
  return text.replaceAll(/"(durationMs|atMs)": ?[\d.]+/g, '"$1":0').replaceAll(/\d+\.\d+ ?s/g, '0s').replaceAll(/ +(?=0s|–|✓|✗)/g, ' ');
}

/** The verdict without the daemon of a run whose tool may end at once. */
export async function expected(project: Project, home: DaemonHome): Promise<{ exitCode: number | null; stdout: string }> {
  await project.write({ '.git/go': '' });
  const { exitCode, stdout } = await home.cli(['run', ...WAITING], { cwd: project.root });
  return { exitCode, stdout: timeless(stdout) };
}
