import { GATE_IDS } from '../model/gate.ts';
import { LIMITS } from '../model/limits.ts';
import type { TaskRow, TeamContext } from '../model/documents.ts';
import { complexityScore } from './complexity.ts';
import { activePersonas, selectMcpServers } from './personas.ts';
import { allTasks, taskRow } from './relay-state.ts';
import { identifySharedResources } from './shared-resources.ts';
import type { Step } from './step.ts';

/** Writes a team's context anew for the task that it was just given. */
export function initializeTeamContext({ coordination, teams, at }: Step, id: string, row: TaskRow, team: string): void {
  const personas = activePersonas(row);
  const otherTasks = allTasks(coordination).filter(([other]) => other !== id).map(([, other]) => other.files);
  teams[team] = {
    team_id: team,
    task_id: id,
    status: 'assigned',
    phase: row.phase,
    assigned_files: [...row.files],
    shared_resources: identifySharedResources(row.files, otherTasks),
    implementation_details: { files_created: [], files_modified: [], functions_added: [], tests_written: [], quality_results: {} },
    persona_activation: { active_personas: personas, mcp_servers: selectMcpServers(personas), complexity_score: complexityScore(row) },
    quality_gates: measuredGates(row),
    retry_count: row.retry_count,
    max_retries: LIMITS.retriesMax,
    start_time: at,
    end_time: null,
    errors: [],
    next_agent: null,
    communication: {
      messages_for_orchestrator: [],
      dependencies_on_other_teams: row.dependencies.map((dependency) => ({ task_id: dependency, team_id: taskRow(coordination, dependency)?.team ?? null })),
      blockers: [],
    },
    description: row.description,
    assignment: row.assignment,
    attempt: row.attempts,
    predecessor: row.predecessor,
    last_activity: at,
    discrepancies: [...row.result.discrepancies],
    schema_version: 1,
    revision: teams[team]?.revision ?? 0,
  };
}

/** What was last measured of each gate; pending before it ever was. */
export function measuredGates(row: TaskRow): TeamContext['quality_gates'] {
  return Object.fromEntries(GATE_IDS.map((gate) => [gate, row.result.gates[gate]?.status ?? 'pending'])) as TeamContext['quality_gates'];
}

/**
 * Writes into the context what the coordination says about its task: an agent may have changed any of it there. A context
 * that is gone is written anew.
 */
export function copyToContext(step: Step, id: string, row: TaskRow & { team: string }, told: { status: string; nextAgent: string | null }): TeamContext {
  if (step.teams[row.team] === undefined) initializeTeamContext(step, id, row, row.team);
  const context = step.teams[row.team];
  if (context === undefined) throw new Error(`the context of ${row.team} was just written`);
  const copied = {
    task_id: id, status: told.status, phase: row.phase, assigned_files: [...row.files], retry_count: row.retry_count, max_retries: LIMITS.retriesMax,
    assignment: row.assignment, attempt: row.attempts, predecessor: row.predecessor, next_agent: told.nextAgent, end_time: row.ended_at,
  };
  return Object.assign(context, copied);
}
