import { Option, type Command } from 'commander';
import path from 'node:path';
import { z } from 'zod';
import { DIALECTS } from '../hooks/dialects/index.ts';
import { HANDLERS } from '../hooks/events/index.ts';
import { namedGateFiles } from '../hooks/gate-config.ts';
import { HOOK_EVENTS, type HookDecision, type HookRequest } from '../hooks/request.ts';
import type { HookSurroundings } from '../hooks/surroundings.ts';
import { withTeam } from '../hooks/thin-ledger.ts';
import { leaseView } from '../orchestrator/lease-view.ts';
import { MultiTeamOrchestrator } from '../orchestrator/multi-team-orchestrator.ts';
import { describeMachine } from '../system/machine.ts';
import { parseJson } from '../system/parse-json.ts';
import { contentAt, listChangedSince } from '../workspace/changed-since.ts';
import type { CommandContext, ExitCode, Finish } from './command-context.ts';
import { multiImplement } from './session.ts';
import { assignedFiles, openOrchestration, type Orchestration } from './orchestration.ts';

const text = z.string().nullable();

/** What the thin half of a hook passes on. */
const requestSchema: z.ZodType<HookRequest> = z.object({
  event: z.enum(HOOK_EVENTS),
  clientEvent: z.string(),
  cwd: z.string().min(1),
  sessionId: text,
  agentId: text,
  agentType: text,
  team: text,
  role: text,
  tool: text,
  files: z.array(z.string()),
  isRetry: z.boolean(),
  begunMs: z.number().optional(),
  running: z.array(z.object({ agentId: z.string(), agentType: z.string() })).nullable(),
  words: z.string(),
});

const HELP = `
It reads the client's payload from stdin and prints one JSON object, whatever comes, and always exits with 0: a client takes any other exit code,
and silence, for consent. Agents that are no team's are answered at once.

  --event E      the client's name of the event, where its payload does not say it, or one of ours:
                 ${HOOK_EVENTS.join(', ')}
  --agent A      whose payload it is: ${Object.keys(DIALECTS).join(', ')} (default: claude)
  --deadline S   answer within so many seconds (default: by event; 540 at the end of a phase). Less than the timeout that the client is told

SPARK_GATES_KEEP_ENV holds names (NAME, or PREFIX*, with commas between) of variables that gates need: what looks like a secret is kept from every tool
otherwise.`;

export function defineHook(program: Command, context: CommandContext, finish: Finish): void {
  program.command('hook')
    .summary('answer a hook of an agent client')
    .description('Answer a hook of an agent client: ownership and leases before an edit, fast gates after it, all gates when a team ends its phase.')
    .addOption(new Option('--handle').hideHelp())
    .addHelpText('after', HELP)
    .action(async () => { finish(await handleHook(context)); });
}

/** The half of a hook that needs more than node: built-ins; the request is the context's input. */
export async function handleHook(context: CommandContext): Promise<ExitCode> {
  const parsed = requestSchema.safeParse(parseJson(context.input ?? ''));
  if (!parsed.success) {
    context.stderr.write('spark-gates: hook is for clients of agents; see spark-gates hook --help\n');
    return 2;
  }
  const decision = await decide(parsed.data, context);
  context.stdout.write(`${JSON.stringify(decision)}\n`);
  return 0;
}

async function decide(request: HookRequest, context: CommandContext): Promise<HookDecision> {
  const orchestration = await openOrchestration({}, { ...context, cwd: request.cwd });
  // Where only the configuration says where the relay is, the thin half could not look the agent up.
  return HANDLERS[request.event](withTeam(request, orchestration.folder), surroundingsOf(orchestration, context));
}

/** What handlers of events, and whoever judges like them, work with. */
export function surroundingsOf(orchestration: Orchestration, context: CommandContext): HookSurroundings {
  const { root, mainRoot, folder, settings, store, leases, reach, measure, silentMs } = orchestration;
  const { clock, environment } = context;
  return {
    root, mainRoot, folder, store, leases, clock, reach, measure,
    gateFiles: namedGateFiles(settings.gates),
    orchestratorWith: (other) => new MultiTeamOrchestrator({ store, leases: leaseView(leases), measure: other, clock, silentMs, reach }),
    checkFiles: (files, team) => checkFiles({ files, team }, orchestration, context),
    changedSince: (files, sinceMs) => listChangedSince(files, sinceMs, { cwd: root, environment }),
    contentAt: async (file, revision) => contentAt(file, revision, { cwd: root, environment }),
    seenFrom: async (other) => surroundingsOf(await openOrchestration({ relay: folder }, { ...context, cwd: other }), context),
    start: async (words) => {
      const started = await multiImplement(words.split(/\s+/).filter((word) => word !== ''), {}, { orchestration, context });
      return started.ok
        ? { ok: true, text: [started.decision.instructions, ...started.decision.notes, ...started.decision.invocations.map(({ subagent_type: agent, description, prompt }) => `\n## ${agent}: ${description}\n${prompt}`)].join('\n') }
        : { ok: false, text: started.answer.message ?? 'the session could not be started' };
    },
  };
}

/** A progressive run for one team: the others stay owners of their files. */
async function checkFiles({ files, team }: { readonly files: readonly string[]; readonly team: string }, { root, mainRoot, folder, store }: Orchestration, context: CommandContext) {
  const { clock, environment, signal, force, kept } = context;
  const { teams, abandoned } = await assignedFiles(store);
  if ((teams[team] ?? []).length === 0) return null;
  const { executeRun, prepareCached } = await import('../runner/index.ts');
  const relay = path.relative(mainRoot, folder).split(path.sep).join('/');
  const request = { cwd: root, config: null, preset: null, teams: null, assigned: teams, unowned: { except: abandoned }, relay, only: [team], paths: [], gates: null, scope: { kind: 'files' as const, files }, environment };
  const prepared = await prepareCached(request, clock, kept === null ? {} : { prepare: kept.prepare });
  if (!prepared.ok) return null;
  const { cache } = prepared;
  const report = await executeRun(prepared.prepared, { sink: () => undefined, clock, machine: describeMachine(), jobs: null, bail: false, signal, force, cache, ...(kept === null ? {} : { pool: kept.pool }) });
  const settle = async (): Promise<void> => { await cache?.settle(); };
  if (kept === null) await settle();
  else kept.afterAnswer(settle);
  return report;
}
