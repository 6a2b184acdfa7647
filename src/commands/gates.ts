import type { Command } from 'commander';
import { GATE_IDS, type Gate, type GateId } from '../model/gate.ts';
import type { PreparedRun } from '../runner/index.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { unlessAborted } from './unless-aborted.ts';
import { toRequest, type WorkspaceOptions } from './run-options.ts';

interface GatesOptions extends Pick<WorkspaceOptions, 'cwd' | 'config'> {
  readonly json?: boolean;
}

interface Engine {
  readonly name: string;
  readonly version: string | null;
  /** `project`: its own. `bundled`: ours, because it has none. */
  readonly origin: 'project' | 'bundled';
}

interface GateRow {
  readonly id: GateId;
  readonly title: string;
  readonly proves: string;
  readonly engines: readonly Engine[];
  /** Why there is none, or what is missing beside those there are. */
  readonly notes: readonly string[];
}

export function defineGates(program: Command, context: CommandContext, finish: Finish): void {
  program
    .command('gates')
    .summary('the eight gates, what each proves, and its engines here')
    .description('Print the eight gates, what a pass of each proves, and the engines found in this repository.')
    .option('--config <file>', 'configuration file')
    .option('--cwd <dir>', 'a folder of the repository to look at (default: this one)')
    .option('--json', 'print one JSON document')
    .action(async (options: GatesOptions) => {
      finish(await gates(options, context));
    });
}

async function gates(options: GatesOptions, context: CommandContext): Promise<ExitCode> {
  const { request } = await toRequest([], options, context);
  // Loaded here, so that help and usage errors need not wait for the engines of all gates.
  const { prepareRun } = await import('../runner/index.ts');
  const { GATES } = await import('../../gates/index.ts');
  const result = await unlessAborted(prepareRun(request), context.signal);
  if (result === null) return context.signal.reason as ExitCode;
  const rows = GATE_IDS.map((id) => describeGate(GATES[id], result.ok ? result.prepared : null));
  if (options.json === true) context.stdout.write(`${JSON.stringify({ version: 1, gates: rows }, null, 2)}\n`);
  else context.stdout.write(`${rows.map(gateText).join('\n\n')}\n`);
  if (result.ok) return 0;
  context.stderr.write(`spark-gates: the engines here cannot be told: ${result.problem}\n`);
  return 2;
}

function describeGate({ id, title, proves }: Pick<Gate, 'id' | 'title' | 'proves'>, prepared: PreparedRun | null): GateRow {
  const engines = new Map<string, Engine>();
  for (const check of prepared?.plan.checks ?? []) {
    if (!check.gates.includes(id)) continue;
    const engine: Engine = { name: check.engine, version: check.engineVersion, origin: check.engineOrigin };
    engines.set(JSON.stringify(engine), engine);
  }
  const notes = (prepared?.plan.cells ?? []).filter((cell) => cell.gate === id).flatMap((cell) => cell.notes.map((note) => note.reason));
  return { id, title, proves, engines: [...engines.values()], notes: [...new Set(notes)] };
}

function gateText(row: GateRow): string {
  const engines = row.engines.map(({ name, version, origin }) => `${name}${version === null ? '' : ` ${version}`} (${origin === 'project' ? "the project's" : 'bundled'})`);
  return [row.id, `  proves   ${row.proves}`, ...(engines.length > 0 ? [`  engines  ${engines.join(', ')}`] : []), ...row.notes.map((note) => `  note     ${note}`)].join('\n');
}
