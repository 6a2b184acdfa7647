import { z } from 'zod';
import { GATE_IDS } from './gate.ts';
import { PHASE_STATES, PHASES, type PhaseState } from './phase.ts';
import { VERDICT_STATUSES } from './verdict.ts';

/**
 * The documents of the relay, as they stand in the files: the specification's keys exactly, more of ours behind them, and
 * whatever else somebody wrote there kept. In memory they keep their snake_case names: a translation would have to carry
 * unknown keys both ways.
 */

/** Raised when a document's meaning changes; a file without it is one by the specification's letter (0). */
export const DOCUMENT_VERSION = 1;

const text = z.string().min(1);
const instant = z.iso.datetime({ offset: true, local: true });
const count = z.number().int().min(0);
const percent = z.number().min(0).max(100);
const gateStatus = z.enum(VERDICT_STATUSES);
const phaseState = z.enum(PHASE_STATES as [PhaseState, ...PhaseState[]]);

const bookkeeping = {
  schema_version: z.literal(DOCUMENT_VERSION).default(DOCUMENT_VERSION).describe('Version of this document\'s form.'),
  revision: count.default(0).describe('Rises by one with each write.'),
};

/** Statuses of a team's context after which its task is no longer its own; only spark-gates gives them. */
export const FINAL_STATUSES: ReadonlySet<string> = new Set(['completed', 'failed', 'crashed']);

/** A statement of an agent that the measurement does not bear out. */
const discrepancySchema = z.looseObject({
  claim: text.describe('What the agent says: "quality_gates.test_coverage: passed".'),
  measured: text.describe('What was measured: "failed, 4 of 31 tests".'),
  at: instant,
});

const predecessorSchema = z.looseObject({ team_id: text, phase: phaseState, reason: text, files_changed: z.array(z.string()) });

/** `team{N}_current_task.json`: what one team was given, and how far it is. */
export const teamContextSchema = z.looseObject({
  team_id: z.string().regex(/^team[1-9]\d*$/, 'a team is called team1, team2, …'),
  task_id: text,
  status: text.describe('assigned, in_progress, completed, failed or crashed; an agent may say implementation_complete and the like, which is a claim.'),
  phase: phaseState,
  assigned_files: z.array(text).describe('Paths or globs, relative to the root.'),
  shared_resources: z.record(z.string(), z.looseObject({ locked_by: text.nullable(), lock_timestamp: instant.nullable() })),
  implementation_details: z.looseObject({
    files_created: z.array(z.string()),
    files_modified: z.array(z.string()),
    functions_added: z.array(z.string()),
    tests_written: z.array(z.string()),
    quality_results: z.record(z.string(), z.unknown()).describe('By gate: what was measured.'),
  }),
  persona_activation: z.looseObject({
    active_personas: z.array(z.string()),
    mcp_servers: z.array(z.string()),
    complexity_score: z.number().min(0).max(1),
  }),
  quality_gates: z.looseObject(Object.fromEntries(GATE_IDS.map((id) => [id, gateStatus])) as Record<(typeof GATE_IDS)[number], typeof gateStatus>),
  retry_count: count,
  max_retries: count,
  start_time: instant.nullable(),
  end_time: instant.nullable(),
  errors: z.array(z.unknown()),
  next_agent: text.nullable(),
  communication: z.looseObject({
    messages_for_orchestrator: z.array(z.unknown()),
    dependencies_on_other_teams: z.array(z.unknown()),
    blockers: z.array(z.unknown()),
  }),
  description: z.string().default('').describe('The task in words.'),
  assignment: count.default(0).describe('Rises with each assignment of this session; what was started for an older one is refused.'),
  attempt: count.default(1).describe('How often the task has been given to a team.'),
  predecessor: predecessorSchema.nullable().default(null).describe('The team that had the task before and was lost, with what it had done.'),
  last_activity: instant.nullable().default(null).describe('The last sign of life.'),
  discrepancies: z.array(discrepancySchema).default([]),
  ...bookkeeping,
});

export type TeamContext = z.output<typeof teamContextSchema>;
export type Discrepancy = z.output<typeof discrepancySchema>;

export const TASK_STATUSES = ['queued', 'active', 'completed', 'failed'] as const;

const teamRowSchema = z.looseObject({
  status: z.enum(['ACTIVE', 'INACTIVE']),
  task_id: text.nullable(),
  phase: z.string().nullable(),
  progress: percent,
  last_update: instant.nullable(),
});

/** What a gate was last measured to be, for a task. */
const gateResultSchema = z.looseObject({
  status: gateStatus,
  reason: z.string().nullable(),
  blocking: z.boolean(),
  violations: count.describe('How many findings there were.'),
  findings: z.array(z.string()).describe('The first of them, one a line, for the agent that has to mend them.'),
  phase: z.enum(PHASES).describe('The phase at whose end it was measured.'),
  measured_at: instant,
});

/** What is known of a task by measurement. It outlives the context, which the team's next task replaces. */
const taskResultSchema = z.looseObject({
  gates: z.record(z.string(), gateResultSchema).default({}),
  tests_passed: count.default(0),
  tests_failed: count.default(0),
  lines_covered: count.nullable().default(null),
  lines_total: count.nullable().default(null),
  files_changed: z.array(z.string()).default([]),
  discrepancies: z.array(discrepancySchema).default([]),
});

const taskRowSchema = z.looseObject({
  status: z.enum(TASK_STATUSES),
  team: text.nullable().describe('The team that has it or had it last.'),
  attempts: count,
  reason: z.string().nullable().describe('Why it failed, or why it waits.'),
  description: z.string(),
  files: z.array(z.string()),
  dependencies: z.array(z.string()),
  priority: z.number(),
  started_at: instant.nullable(),
  ended_at: instant.nullable(),
  position: count.default(0).describe('Its place in the order in which the tasks were given.'),
  preferred_team: text.nullable().default(null).describe('The team that is given the related tasks.'),
  phase: phaseState.default('pending').describe('How far it is. The phase in the team\'s context is a copy that an agent may have edited; this one decides.'),
  progress: percent.default(0),
  assignment: count.default(0).describe('Of the team that has it or had it last.'),
  retry_count: count.default(0),
  phase_started_at: instant.nullable().default(null).describe('When an agent was told to work on it; null while none is.'),
  worked_ms: count.default(0).describe('How long agents have worked on it, without the waiting.'),
  silent_ms: count.default(0).describe('How long its agent has been watched giving no sign of life.'),
  seen_activity: instant.nullable().default(null).describe('The last_activity that was there at the last look.'),
  predecessor: predecessorSchema.nullable().default(null).describe('As in the context of the team that gets it next.'),
  result: taskResultSchema.prefault({}),
});

/** `multi_task_coordination.json`: all teams and tasks of one session. */
export const coordinationSchema = z.looseObject({
  session_id: text,
  total_teams: count,
  active_teams: count,
  teams: z.record(z.string(), teamRowSchema),
  shared_resources: z.record(z.string(), z.looseObject({ locked_by: text.nullable(), lock_timestamp: instant.nullable(), lock_duration_ms: count.nullable() })),
  workflow_phases: z.array(z.enum(PHASES)),
  current_phase: z.string().nullable().describe('The phase that all active teams are in, or "mixed".'),
  overall_progress: percent,
  quality_metrics: z.looseObject({ total_violations: count, tests_passed: count, tests_failed: count, coverage_percentage: percent.nullable() }),
  tasks: z.record(z.string(), taskRowSchema).default({}).describe('Every task of the session, by id.'),
  queue: z.array(z.string()).default([]).describe('Ids of the tasks that wait for a team, first one next.'),
  synchronisation: z.enum(['barrier', 'pipelined']).default('barrier').describe('barrier: all teams end a phase before any begins the next.'),
  agent_prefix: z.string().default('').describe('What stands before the names of agents where they are called: "spark-gates:" where they come from the plugin.'),
  execution: z.enum(['parallel', 'sequential']).default('parallel').describe('sequential: one team at a time, after repeated failures.'),
  assignments: count.default(0).describe('How many assignments were made in this session.'),
  failures: count.default(0).describe('Crashes and exhausted retries so far.'),
  discrepancies: z.array(discrepancySchema).default([]).describe('What was written here by hand and is not so.'),
  started_at: instant.nullable().default(null),
  ended_at: instant.nullable().default(null),
  releases_due: z.array(text).default([]).describe('Teams that have lost their task and whose leases are still to be released.'),
  unowned_changes: z.array(z.string()).default([]).describe('Files that were seen changed, or gone, at the last measurement and that no task names which was begun.'),
  checked_at: instant.nullable().default(null).describe('When it was last looked whether all teams give signs of life.'),
  silent_limit_ms: count.nullable().default(null).describe('A team at work that gives no sign of life for longer is taken for crashed; null: the default.'),
  ...bookkeeping,
});

export type Coordination = z.output<typeof coordinationSchema>;
export type TaskRow = z.output<typeof taskRowSchema>;
export type TaskResult = z.output<typeof taskResultSchema>;
export type TeamRow = z.output<typeof teamRowSchema>;

/** A circle of teams, each of which waits for a file that the next one holds. */
const cycleSchema = z.array(z.looseObject({ team: text, file: text, holder: text }));

const waiterSchema = z.looseObject({
  team: text,
  since: instant,
  seen: instant.describe('Its last look; one that stays away is dropped.'),
  critical: z.boolean().default(false).describe('On the critical path: served before the others.'),
  overtaken: count.default(0).describe('How often one that came later was served before it.'),
  deadlock: cycleSchema.nullable().default(null).describe('Set when it was chosen to yield: its next look is refused.'),
});

const lostLeaseSchema = z.looseObject({
  team: text,
  token: count,
  at: instant,
  how: z.enum(['expired', 'forced', 'team-lost']).describe('expired: another team took it. forced: by manual override. team-lost: all leases of the team were released.'),
  taken_by: text.nullable(),
  new_token: count.nullable(),
});

/** Row of `file_locks.json`: one lease, by canonical path. */
export const leaseRowSchema = z.looseObject({
  locked_by: text.nullable().describe('The holder; null while only waiters, or memories of lost leases, are left.'),
  timestamp: instant.nullable().describe('When it was acquired or last renewed.'),
  duration_ms: count.nullable(),
  token: count.default(0).describe('The fencing token of the newest grant.'),
  must_yield: cycleSchema.nullable().default(null).describe('Set when the holder was chosen to end a deadlock: it cannot be renewed any more.'),
  waiters: z.array(waiterSchema).default([]).describe('In the order of their coming.'),
  lost: z.array(lostLeaseSchema).default([]).describe('Leases that ended without their holders, so that these can be told.'),
});

export type LeaseRow = z.output<typeof leaseRowSchema>;
export type Waiter = z.output<typeof waiterSchema>;
export type LostLease = z.output<typeof lostLeaseSchema>;
export type WaitCycle = z.output<typeof cycleSchema>;

/** The key of `file_locks.json` that is no row: a path relative to the root never begins with a slash. */
export const LEASE_HEAD_KEY = '/';

/** What stands under that key: the table as a whole. */
export const leaseHeadSchema = z.looseObject({
  next_token: count.describe('Tokens rise over all files, so that a row can be dropped without its tokens coming again.'),
  contention: z.looseObject({
    requests: count.default(0).describe('Files asked for, a wait once.'),
    contended: count.default(0).describe('Those of them that were not to be had at once.'),
    waits: count.default(0),
    waits_granted: count.default(0),
    wait_ms_total: count.default(0).describe('Of the waits that were granted.'),
    wait_ms_max: count.default(0),
    timeouts: count.default(0),
    deadlocks: count.default(0),
    taken_over: count.default(0).describe('Leases taken after they had expired.'),
    overrides: count.default(0),
  }).prefault({}),
  ...bookkeeping,
});

export type LeaseHead = z.output<typeof leaseHeadSchema>;

/**
 * `file_locks.json` as a whole: the head, and the leases by canonical path.
 *
 * @public the build publishes its JSON Schema
 */
export const fileLocksSchema = z.object({ [LEASE_HEAD_KEY]: leaseHeadSchema.optional() }).catchall(leaseRowSchema);
