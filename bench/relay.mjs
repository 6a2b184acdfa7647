// Transactions of the relay per second, by one writer and by four processes at once, beside what the disk alone can do: lines
// appended and flushed one by one. Each transaction changes the coordination and one team's context. Run `npm run build` before.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { coordinationSchema, teamContextSchema } from '../dist/src/model/documents.js';
import { GATE_IDS } from '../dist/src/model/gate.js';
import { Relay } from '../dist/src/relay/relay.js';

const RUNS = 6;
const TRANSACTIONS = 100;
const TEAMS = ['team1', 'team2', 'team3', 'team4'];
const [folder, team] = process.argv.slice(2);

if (folder === undefined) await measure();
else await write(folder, team);

async function measure() {
  console.log(`${cpus().length} × ${cpus()[0]?.model}, Node ${process.version}; ${TRANSACTIONS} transactions a writer, median of ${RUNS - 1} runs after a warm-up (lowest to highest)`);
  for (const [name, run] of Object.entries({ 'append + flush': flushes, '1 writer': () => writers(1), '4 writers': () => writers(4) })) {
    const rates = [];
    for (let count = 0; count < RUNS; count++) rates.push(await run());
    const sorted = rates.slice(1).sort((a, b) => a - b);
    console.log(`${name.padEnd(16)}${sorted[Math.floor(sorted.length / 2)].toFixed(0).padStart(6)} / s  (${sorted[0].toFixed(0)} to ${sorted.at(-1).toFixed(0)})`);
  }
}

async function inFolder(work) {
  const temporary = await mkdtemp(path.join(tmpdir(), 'spark-gates-bench-'));
  try {
    return await work(temporary);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

function flushes() {
  return inFolder(async (temporary) => {
    const file = await open(path.join(temporary, 'log'), 'a');
    const startedMs = performance.now();
    for (let count = 0; count < TRANSACTIONS; count++) {
      await file.writeFile(`${'x'.repeat(500)}\n`);
      await file.sync();
    }
    const perSecond = (TRANSACTIONS * 1_000) / (performance.now() - startedMs);
    await file.close();
    return perSecond;
  });
}

function writers(count) {
  return inFolder(async (temporary) => {
    await Relay.open({ folder: temporary }).transact(() => ({ event: { type: 'begun', team: null }, coordination: session(), teams: Object.fromEntries(TEAMS.map((name) => [name, context(name)])), value: null }));
    const children = TEAMS.slice(0, count).map((name) => fork(fileURLToPath(import.meta.url), [temporary, name]));
    const ended = Promise.all(children.map((child) => once(child, 'exit')));
    await Promise.all(children.map((child) => once(child, 'message')));
    const startedMs = performance.now();
    for (const child of children) child.send('go');
    await Promise.all(children.map((child) => once(child, 'message')));
    const perSecond = (count * TRANSACTIONS * 1_000) / (performance.now() - startedMs);
    await ended;
    return perSecond;
  });
}

async function write(relayFolder, name) {
  const relay = Relay.open({ folder: relayFolder, waitMs: 60_000 });
  process.send('ready');
  await once(process, 'message');
  for (let count = 0; count < TRANSACTIONS; count++) {
    const outcome = await relay.transact(({ coordination, teams }) => ({
      event: { type: 'retry', team: name },
      coordination: { ...coordination, failures: coordination.failures + 1 },
      teams: { [name]: { ...teams[name], retry_count: teams[name].retry_count + 1 } },
      value: null,
    }));
    if (!outcome.ok) throw new Error(outcome.refusal.reason);
  }
  process.send('done');
  process.disconnect();
}

function session() {
  return coordinationSchema.parse({
    session_id: 'bench', total_teams: 4, active_teams: 4, shared_resources: {}, workflow_phases: ['implementation', 'quality', 'testing', 'review', 'report'], current_phase: 'implementation', overall_progress: 0,
    teams: Object.fromEntries(TEAMS.map((name) => [name, { status: 'ACTIVE', task_id: 'T1', phase: 'implementation', progress: 0, last_update: null }])),
    quality_metrics: { total_violations: 0, tests_passed: 0, tests_failed: 0, coverage_percentage: null },
  });
}

function context(name) {
  return teamContextSchema.parse({
    team_id: name, task_id: 'T1', status: 'in_progress', phase: 'implementation', assigned_files: [`src/${name}/**`], shared_resources: {},
    implementation_details: { files_created: [], files_modified: [], functions_added: [], tests_written: [], quality_results: {} },
    persona_activation: { active_personas: [], mcp_servers: [], complexity_score: 0 }, quality_gates: Object.fromEntries(GATE_IDS.map((id) => [id, 'pending'])),
    retry_count: 0, max_retries: 3, start_time: null, end_time: null, errors: [], next_agent: null, communication: { messages_for_orchestrator: [], dependencies_on_other_teams: [], blockers: [] },
  });
}
