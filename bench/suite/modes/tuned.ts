import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { runGit } from '../../../src/system/git.ts';
import { isMissing } from '../../../src/system/read-text.ts';
import { BenchTrouble } from '../bench-trouble.ts';
import type { Command } from '../measure/run-command.ts';
import { quoteWords } from '../quote-words.ts';
import type { ToolStep } from '../tools/tool-step.ts';
import { crashed } from '../tools/tool-trouble.ts';
import type { Bench, BenchCase, CaseRun, Mode } from './mode.ts';
import { emptyFolder, outcomeOfSteps, reportFile, type StepCall } from './run-steps.ts';

/** What somebody does who has thought about it: each tool once, side by side. */
export const tuned: Mode = {
  id: 'tuned',
  letter: 'b',
  title: 'tuned parallel',
  explains: 'each tool once for the whole tree, under a task runner: concurrently (the longest first) and turbo run as many at once as there are cores, lefthook all at once',
  cases: (bench) => RUNNERS.map((runner): BenchCase => {
    const missing = bench.toolbox.missing.get(runner.name);
    return {
      id: `tuned/${runner.name}`,
      mode: 'tuned',
      title: `tuned parallel, ${runner.name}`,
      teams: null,
      ...(missing === undefined ? {} : { missing }),
      run: () => runUnder(runner, bench),
    };
  }),
};

/** A task runner and how it is told what to run. `tasks`: names and scripts; the folder is its own. */
interface TaskRunner {
  readonly name: 'concurrently' | 'lefthook' | 'turbo';
  prepare(folder: string, tasks: readonly Task[], bench: Bench): Promise<Command>;
}

interface Task {
  readonly name: string;
  /** Absolute path of a shell script. */
  readonly script: string;
}

/** Tests, then typed lint, are what takes longest in nearly every repository; then the order hardly matters. */
const LONGEST_FIRST = ['tests', 'lint', 'types', 'rules', 'secrets'] as const;

const RUNNERS: readonly TaskRunner[] = [
  {
    name: 'concurrently',
    prepare: (folder, tasks, bench) => Promise.resolve({
      file: process.execPath,
      args: [path.join(bench.toolbox.folder, 'node_modules', 'concurrently', 'dist', 'bin', 'concurrently.js'), '--max-processes', String(bench.cores), ...tasks.map(({ script }) => `sh ${quoteWords([script])}`)],
      cwd: folder,
    }),
  },
  {
    name: 'lefthook',
    prepare: async (folder, tasks, bench) => {
      // It wants to live in a repository; not in the one that is measured, where its file would be checked with the rest.
      const made = await runGit(['init', '--quiet'], { cwd: folder, environment: bench.environment });
      if (made.kind !== 'done') throw new BenchTrouble(`git cannot make a repository for lefthook in ${folder}`);
      await writeFile(path.join(folder, 'lefthook.json'), JSON.stringify({ gates: { parallel: true, jobs: tasks.map(({ name, script }) => ({ name, run: `sh ${quoteWords([script])}` })) } }));
      return { file: path.join(bench.toolbox.folder, 'node_modules', '.bin', 'lefthook'), args: ['run', 'gates', '--force', '--no-auto-install', '--no-tty'], cwd: folder };
    },
  },
  {
    name: 'turbo',
    prepare: async (folder, tasks, bench) => {
      const scripts = Object.fromEntries(tasks.map(({ name, script }) => [name, `sh ${quoteWords([script])}`]));
      await writeFile(path.join(folder, 'package.json'), JSON.stringify({ name: 'gates', private: true, packageManager: 'npm@10.0.0', scripts }));
      await writeFile(path.join(folder, 'turbo.json'), JSON.stringify({ tasks: Object.fromEntries(tasks.map(({ name }) => [name, { cache: false }])) }));
      await writeFile(path.join(folder, 'package-lock.json'), JSON.stringify({ name: 'gates', lockfileVersion: 3, requires: true, packages: { '': { name: 'gates' } } }));
      return {
        file: path.join(bench.toolbox.folder, 'node_modules', '.bin', 'turbo'),
        args: ['run', ...tasks.map(({ name }) => name), '--continue', '--concurrency', String(bench.cores), '--no-daemon', '--env-mode', 'loose', '--ui', 'stream'],
        cwd: folder,
        environment: { TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1', TURBO_NO_UPDATE_NOTIFIER: '1' },
      };
    },
  },
];

async function runUnder(runner: TaskRunner, bench: Bench): Promise<CaseRun> {
  const folder = await emptyFolder(path.join(bench.folder, `tuned-${runner.name}`));
  const steps = [...bench.baseline.steps].sort((a, b) => LONGEST_FIRST.indexOf(a.kind) - LONGEST_FIRST.indexOf(b.kind));
  const calls: (StepCall & { readonly task: Task })[] = [];
  for (const step of steps) {
    const report = reportFile(folder, step, 'all');
    const command = step.command(null, report);
    if (command !== null) calls.push({ step, report, task: await writeTask(step, command, report) });
  }
  const own = path.join(folder, 'runner');
  await mkdir(own);
  const { results: [result], measurement } = await bench.runner.measure([await runner.prepare(own, calls.map(({ task }) => task), bench)], 'in turn');
  const results = await Promise.all(calls.map(({ report }) => readTask(report)));
  const unstarted = calls.filter((_, index) => results[index]?.exitCode === null);
  if (unstarted.length > 0 && result !== undefined) throw crashed(`${runner.name}, before ${unstarted.map(({ step }) => step.id).join(', ')} had ended,`, result);
  const outcome = await outcomeOfSteps(calls, results);
  return { measurements: [measurement], outcome };
}

/** A script, because a command line with a thousand file names is too long for a shell's one argument. */
async function writeTask(step: ToolStep, { file, args, cwd }: Command, report: string): Promise<Task> {
  const script = `${report}.sh`;
  await writeFile(script, `cd ${quoteWords([cwd])}\n${quoteWords([file, ...args])} > ${quoteWords([`${report}.out`])} 2> ${quoteWords([`${report}.err`])}\nstatus=$?\necho $status > ${quoteWords([`${report}.status`])}\nexit $status\n`);
  return { name: step.id, script };
}

async function readTask(report: string): Promise<{ exitCode: number | null; stdout: string; stderr: string }> {
  const [status, stdout, stderr] = await Promise.all(['status', 'out', 'err'].map((part) => readOr(`${report}.${part}`)));
  return { exitCode: status === '' || status === undefined ? null : Number(status), stdout: stdout ?? '', stderr: stderr ?? '' };
}

async function readOr(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (isMissing(error)) return '';
    throw error;
  }
}
