import { coordinationSchema, teamContextSchema, type Coordination, type TeamContext } from '../../src/model/documents.ts';
import { GATE_IDS } from '../../src/model/gate.ts';
import { Relay } from '../../src/relay/relay.ts';

const TEAMS = ['team1', 'team2', 'team3', 'team4'];

/** A relay with a session of four teams in it. */
export async function openRelay(folder: string, waitMs = 10_000): Promise<Relay> {
  const relay = Relay.open({ folder, waitMs });
  const begun = await relay.transact(() => ({ event: { type: 'begun', team: null }, coordination: coordination(), teams: Object.fromEntries(TEAMS.map((team) => [team, context(team)])), value: null }));
  if (!begun.ok) throw new Error(begun.refusal.reason);
  return relay;
}

/** One transaction: changes the coordination and one team's context. */
export async function bump(relay: Relay, team: string): Promise<void> {
  const outcome = await relay.transact(({ coordination: session, teams }) => {
    const own = teams[team];
    if (session === null || own === undefined) throw new Error(`the session of ${team} is gone`);
    return { event: { type: 'retry', team }, coordination: { ...session, failures: session.failures + 1 }, teams: { [team]: { ...own, retry_count: own.retry_count + 1 } }, value: null };
  });
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
}

function coordination(): Coordination {
  return coordinationSchema.parse({
    session_id: 'bench', total_teams: 4, active_teams: 4, shared_resources: {}, workflow_phases: ['implementation', 'quality', 'testing', 'review', 'report'], current_phase: 'implementation', overall_progress: 0,
    teams: Object.fromEntries(TEAMS.map((name) => [name, { status: 'ACTIVE', task_id: 'T1', phase: 'implementation', progress: 0, last_update: null }])),
    quality_metrics: { total_violations: 0, tests_passed: 0, tests_failed: 0, coverage_percentage: null },
  });
}

function context(name: string): TeamContext {
  return teamContextSchema.parse({
    team_id: name, task_id: 'T1', status: 'in_progress', phase: 'implementation', assigned_files: [`src/${name}/**`], shared_resources: {},
    implementation_details: { files_created: [], files_modified: [], functions_added: [], tests_written: [], quality_results: {} },
    persona_activation: { active_personas: [], mcp_servers: [], complexity_score: 0 }, quality_gates: Object.fromEntries(GATE_IDS.map((id) => [id, 'pending'])),
    retry_count: 0, max_retries: 3, start_time: null, end_time: null, errors: [], next_agent: null, communication: { messages_for_orchestrator: [], dependencies_on_other_teams: [], blockers: [] },
  });
}
