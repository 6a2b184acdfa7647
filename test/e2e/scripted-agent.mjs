// An agent that follows the protocol, for the session test. What it does wrong is planned: see `PLAN` in session.test.ts.
//
//     node scripted-agent.mjs <cli> <plan as JSON>
import { execFileSync } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const [cli, plan] = process.argv.slice(2);
const { SPARK_GATES_TEAM: team, SPARK_GATES_TASK: task, SPARK_GATES_PHASE: phase, SPARK_GATES_CONTEXT: context } = process.env;
const { assigned_files: files, shared_resources: shared } = JSON.parse(readFileSync(context, 'utf8'));
const fault = JSON.parse(plan)[task];

/** True the first time it is asked, over all processes. */
function isFirst(what) {
  const mark = path.join('marks', `${task}-${what}`);
  if (existsSync(mark)) return false;
  mkdirSync('marks', { recursive: true });
  writeFileSync(mark, '');
  return true;
}

if (phase === 'implementation') {
  for (const file of files.filter((one) => !(one in shared))) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, fault === 'broken' || fault === 'never' ? '{ "half":\n' : `${JSON.stringify({ task })}\n`);
  }
  if (fault === 'killed' && isFirst('kill')) process.kill(process.pid, 'SIGKILL');
  if (fault === 'hung' && isFirst('hang')) await delay(600_000);
  for (const file of Object.keys(shared)) {
    const { leases: [lease] } = JSON.parse(execFileSync(process.execPath, [cli, 'lock', 'wait', file, '--team', team, '--json'], { encoding: 'utf8' }));
    // Read, think, write: whoever did this without the lock would lose somebody's line.
    const lines = readFileSync(file, 'utf8');
    await delay(50);
    writeFileSync(file, `${lines}${task}\n`);
    execFileSync(process.execPath, [cli, 'lock', 'release', file, '--team', team, '--token', String(lease.token)]);
  }
}
if (phase === 'quality' && fault === 'broken' && process.env.SPARK_GATES_RETRY === '1') for (const file of files.filter((one) => !(one in shared))) writeFileSync(file, `${JSON.stringify({ task })}\n`);
// Claims more than is true, as agents do: nobody may believe it.
if (phase === 'quality' && fault === 'never') {
  const mine = JSON.parse(readFileSync(context, 'utf8'));
  writeFileSync(context, JSON.stringify({ ...mine, quality_gates: { ...mine.quality_gates, syntax_validation: 'passed' } }));
}
appendFileSync('agents.log', `${task} ${phase}\n`);
