import type { Command } from 'commander';
import { clientFolder } from '../installer/client-folder.ts';
import { inspectWiring } from '../installer/inspect.ts';
import { tryHook } from '../installer/try-hook.ts';
import { describeFailure } from '../model/failure.ts';
import type { Workspace } from '../model/workspace.ts';
import type { PreparedRun } from '../runner/index.ts';
import { describeMachine } from '../system/machine.ts';
import { ownVersion } from '../system/own-version.ts';
import { discoverWorkspace } from '../workspace/discover.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { toRequest, type WorkspaceOptions } from './run-options.ts';
import { unlessAborted } from './unless-aborted.ts';

interface DoctorOptions extends WorkspaceOptions {
  readonly json?: boolean;
}

interface Diagnosis {
  /** Name and what is there, for people and machines alike. */
  readonly found: readonly (readonly [name: string, value: string])[];
  /** Keeps gates from running; each says what to do. */
  readonly blocking: readonly string[];
  /** Costs something, and keeps nothing from running. */
  readonly advice: readonly string[];
}

export function defineDoctor(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('doctor')
    .summary('what was found here, what is missing, what to do')
    .description('Print what was found in this repository, what keeps gates from running, and what to do about it.')
    .option('--config <file>', 'configuration file')
    .option('--cwd <dir>', 'a folder of the repository to look at (default: this one)')
    .option('--json', 'print one JSON document')
    .addHelpText('after', '\nExit code: 0 nothing blocks, 1 something does, 2 could not look.')
    .action(async (options: DoctorOptions) => {
      finish(await doctor(options, context));
    });
}

async function doctor(options: DoctorOptions, context: CommandContext): Promise<ExitCode> {
  const diagnosis = await unlessAborted(diagnoseAll(options, context), context.signal);
  if (diagnosis === null) return context.signal.reason as ExitCode;
  context.stdout.write(options.json === true ? `${JSON.stringify(toDocument(diagnosis), null, 2)}\n` : `${toText(diagnosis).join('\n')}\n`);
  return diagnosis.blocking.length === 0 ? 0 : 1;
}

/** The gates, and the wiring of an agent client. */
async function diagnoseAll(options: DoctorOptions, context: CommandContext): Promise<Diagnosis> {
  const { root, ...gates } = await diagnose(options, context);
  const wiring = await inspectWiring({ root, version: ownVersion(), clientFolder: clientFolder(context.environment) });
  // What files already tell to be broken, a trial would only say once more, in worse words.
  const trial = wiring.form === null || wiring.blocking.length > 0 ? null : await tryHook(root, { form: wiring.form, environment: context.environment, signal: context.signal });
  return { found: [...gates.found, ['agents', wiring.found]], blocking: [...gates.blocking, ...wiring.blocking, ...(trial === null ? [] : [trial])], advice: [...gates.advice, ...wiring.advice] };
}

async function diagnose(options: DoctorOptions, context: CommandContext): Promise<Diagnosis & { readonly root: string }> {
  const { request } = await toRequest([], options, context);
  // Loaded here, so that help and usage errors need not wait for the engines of all gates.
  const { describeBudget, prepareRun } = await import('../runner/index.ts');
  const result = await prepareRun(request);
  const budget: [string, string] = ['budget', await describeBudget({ environment: context.environment, machine: describeMachine(), clock: context.clock })];
  if (!result.ok) {
    const workspace = await discoverWorkspace({ cwd: request.cwd, base: 'HEAD', exclude: [], environment: context.environment });
    return { root: workspace.root, found: [...describeWorkspace(workspace), budget], blocking: [result.problem, ...setupOf(workspace)], advice: adviceFor(workspace) };
  }
  const { prepared } = result;
  return {
    root: prepared.workspace.root,
    found: [...describeWorkspace(prepared.workspace), ...describeRun(prepared), budget],
    blocking: [...new Set([...setupOf(prepared.workspace), ...prepared.workspace.faults.map((fault) => `${fault.file}: ${fault.message}`), ...planErrors(prepared)])],
    advice: adviceFor(prepared.workspace),
  };
}

function setupOf(workspace: Workspace): string[] {
  return workspace.setupProblem === null ? [] : [workspace.setupProblem];
}

/** What gates and checks say they cannot run for; once each, with the gate. A setup problem is not repeated for every gate. */
function planErrors({ plan, workspace }: PreparedRun): string[] {
  const errors = plan.cells.flatMap((cell) => cell.notes.filter((note) => note.status === 'error').map((note) => ({ gate: cell.gate, reason: note.reason })));
  const foreseen = plan.checks.flatMap(({ gates: [gate], foreseen: failure }) => (failure === undefined ? [] : [{ gate, reason: describeFailure(failure) }]));
  return [...errors, ...foreseen].filter(({ reason }) => reason !== workspace.setupProblem).map(({ gate, reason }) => `${gate}: ${reason}`);
}

function adviceFor(workspace: Workspace): string[] {
  return [
    ...(workspace.changed === null ? ['not a git repository: what changed cannot be told; run git init'] : []),
    ...(workspace.packages.length === 0 ? ['no package.json: only files are checked, no packages and no tests; run npm init'] : []),
    ...(workspace.packages.length > 0 && (workspace.packageManager?.lockfile ?? null) === null ? ['no lockfile: installs are not repeatable; run npm install and commit package-lock.json'] : []),
    ...(workspace.lintConfigs.length === 0 ? ['no linter configuration: the bundled rules are used; add eslint.config.js for your own'] : []),
    ...(workspace.testSuites.length === 0 ? ['no tests found: test_coverage has nothing to run; add a "test" script'] : []),
  ];
}

function describeWorkspace(workspace: Workspace): [string, string][] {
  const tools = new Map<string, string>();
  for (const { tools: its } of workspace.packages) for (const tool of Object.values(its)) tools.set(`${tool.name} ${tool.version}`, tool.folder);
  const suites = workspace.testSuites.map(({ runner, role, folder, tool }) => `${runner}${tool === null ? '' : ` ${tool.version}`} (${role}${folder === '' ? '' : `, ${folder}`})`);
  const manager = workspace.packageManager;
  return [
    ['root', workspace.root],
    ['git', workspace.changed === null ? 'none' : `${workspace.head === null ? 'no commit yet' : `at ${workspace.head.slice(0, 12)}`}, ${String(workspace.changed.length)} changed${workspace.mainRoot === workspace.root ? '' : `, a worktree of ${workspace.mainRoot}`}`],
    ['files', String(workspace.files.length)],
    ['packages', String(workspace.packages.length)],
    ['package manager', manager === null ? 'none' : `${manager.name}, ${manager.lockfile ?? 'no lockfile'}`],
    ['tsconfigs', listed(workspace.typescriptProjects.map(({ config, files, typescript }) => `${config} (${String(files.length)} files, ${typescript === null ? 'no TypeScript' : `TypeScript ${typescript.version}`})`))],
    ['linters', listed(workspace.lintConfigs.map(({ linter, config, tool }) => `${linter}${tool === null ? '' : ` ${tool.version}`} (${config})`))],
    ['tests', listed(suites)],
    ['tools', listed([...tools.keys()])],
  ];
}

function describeRun({ configFile, settings, teams, teamSource, plan }: PreparedRun): [string, string][] {
  const off = Object.entries(settings.gates).filter(([, gate]) => gate.level === 'off').map(([id]) => id);
  return [
    ['configuration', `${configFile ?? 'none'}, preset ${settings.preset}${off.length > 0 ? `, off: ${off.join(', ')}` : ''}`],
    ['teams', `${teams.map((team) => `${team.name} (${String(team.files.length)} files)`).join(', ')}${teamSource === 'none' ? '' : `, from ${teamSource}`}`],
    ['plan', `${String(plan.checks.length)} checks for ${String(plan.cells.length)} cells`],
  ];
}

function listed(items: readonly string[]): string {
  return items.length === 0 ? 'none' : items.join(', ');
}

function toDocument({ found, blocking, advice }: Diagnosis): unknown {
  return { version: 1, ok: blocking.length === 0, found: Object.fromEntries(found), blocking, advice };
}

function toText({ found, blocking, advice }: Diagnosis): string[] {
  const width = Math.max(...found.map(([name]) => name.length));
  return [
    ...found.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`),
    '',
    ...(blocking.length === 0 ? ['Nothing keeps a gate from running.'] : ['To mend:', ...blocking.map((text) => `  ✗ ${text}`)]),
    ...(advice.length === 0 ? [] : ['', 'To consider:', ...advice.map((text) => `  – ${text}`)]),
  ];
}
