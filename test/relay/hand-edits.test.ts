import { rm } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TeamContext } from '../../src/model/documents.ts';
import { LIMITS } from '../../src/model/limits.ts';
import { describeRelayFault } from '../../src/model/relay-refusal.ts';
import { parseDocument } from '../../src/relay/document-kind.ts';
import type { Relay } from '../../src/relay/relay.ts';
import type { RelayState } from '../../src/relay/relay-state.ts';
import { AT, begin, contextOf, coordinationOf, makeRelay, retry, teamOf, valueOf, type RelayRig } from './relay-rig.ts';
import { SPECIFICATION } from './specification.ts';

const FILE = 'team1_current_task.json';

async function begun(): Promise<RelayRig> {
  const rig = await makeRelay();
  await begin(rig.relay);
  return rig;
}

/** As an agent does it: reads the file, changes some of it, writes all of it. */
async function edit(rig: RelayRig, change: (context: TeamContext) => void, text?: string): Promise<void> {
  const context = JSON.parse(text ?? (await rig.file(FILE)) ?? '') as TeamContext;
  change(context);
  await rig.put({ [FILE]: JSON.stringify(context) });
}

async function readWithFaults(relay: Relay): Promise<{ state: RelayState; faults: string[] }> {
  const outcome = await relay.read();
  if (!outcome.ok) throw new Error(outcome.refusal.reason);
  return { state: outcome.value, faults: outcome.faults.map((fault) => describeRelayFault(fault)) };
}

describe('what is the agent\'s to say', () => {
  test("the template's own edits are taken over and logged", async () => {
    await using rig = await begun();
    await edit(rig, (context) => {
      context.status = 'implementation_complete';
      context.implementation_details.files_created = ['src/api/auth/endpoint.py'];
      context.communication.messages_for_orchestrator.push('Completed 1 creates, 0 modifications');
      context.errors.push({ message: 'none to speak of' });
      Object.assign(context, { my_notes: ['kept'] });
    });
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults).toEqual([]);
    expect(teamOf(state, 'team1')).toEqual({
      ...contextOf('team1'), revision: 2, status: 'implementation_complete', errors: [{ message: 'none to speak of' }], my_notes: ['kept'],
      implementation_details: { ...contextOf('team1').implementation_details, files_created: ['src/api/auth/endpoint.py'] },
      communication: { ...contextOf('team1').communication, messages_for_orchestrator: ['Completed 1 creates, 0 modifications'] },
    });
    expect(JSON.parse((await rig.file(FILE)) ?? '')).toEqual(teamOf(state, 'team1'));
    expect(valueOf(await rig.relay.readEvents({ after: 1 })).map(({ type, data }) => ({ type, data }))).toEqual([{
      type: 'edited-by-hand',
      data: { file: FILE, adopted: ['status', 'implementation_details.files_created', 'errors', 'communication', 'my_notes'], claims: [] },
    }]);
    expect(valueOf(await rig.open().read())).toEqual(state);
  });

  test('an edit of an older revision undoes nothing that came since', async () => {
    await using rig = await begun();
    const old = (await rig.file(FILE)) ?? '';
    valueOf(await rig.relay.transact((state) => {
      const context = teamOf(state, 'team1');
      return { event: { type: 'x', team: 'team1' }, teams: { team1: { ...context, phase: 'quality', retry_count: 2, communication: { ...context.communication, blockers: ['ours'], messages_for_orchestrator: ['ours'] } } }, value: null };
    }));
    await edit(rig, (context) => { context.communication.messages_for_orchestrator.push('theirs'); context.status = 'stuck'; }, old);
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults).toEqual([]);
    expect(teamOf(state, 'team1')).toMatchObject({ phase: 'quality', retry_count: 2, status: 'stuck', communication: { blockers: ['ours'], messages_for_orchestrator: ['ours', 'theirs'] }, discrepancies: [], revision: 3 });
  });

  test('an older revision itself is no edit: a writer that could not finish', async () => {
    await using rig = await begun();
    const old = (await rig.file(FILE)) ?? '';
    valueOf(await retry(rig.relay, 'team1'));
    await rig.put({ [FILE]: old });
    const { state, faults } = await readWithFaults(rig.relay);
    expect([teamOf(state, 'team1').retry_count, state.seq, faults]).toEqual([1, 2, []]);
    expect(JSON.parse((await rig.file(FILE)) ?? '')).toEqual(teamOf(state, 'team1'));
  });

  test('another layout of the same is no edit, and left as it is', async () => {
    await using rig = await begun();
    const text = `\uFEFF${JSON.stringify(Object.fromEntries(Object.entries(JSON.parse((await rig.file(FILE)) ?? '') as object).reverse()))}`;
    await rig.put({ [FILE]: text });
    expect(valueOf(await rig.relay.read()).seq).toBe(1);
    expect(await rig.file(FILE)).toBe(text);
  });

  test('keys that spark-gates added may be left out by who knows only the specification', async () => {
    await using rig = await begun();
    const context = JSON.parse(SPECIFICATION.context) as TeamContext;
    await rig.put({ [FILE]: JSON.stringify({ ...context, status: 'working', revision: 1 }) });
    const { state, faults } = await readWithFaults(rig.relay);
    expect([teamOf(state, 'team1'), faults]).toEqual([{ ...contextOf('team1'), status: 'working', revision: 2 }, []]);
  });
});

describe('what is not', () => {
  test('stays, and the claim is written down and reported', async () => {
    await using rig = await begun();
    await edit(rig, (context) => { context.quality_gates.test_coverage = 'passed'; context.phase = 'report_completed'; context.errors = ['e']; context.revision = 99; });
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults).toEqual([`${path.join(rig.folder, FILE)} was edited by hand where spark-gates has the say: phase is "implementation", not "report_completed"; quality_gates.test_coverage is "pending", not "passed"; noted in its discrepancies`]);
    expect(teamOf(state, 'team1')).toEqual({ ...contextOf('team1'), errors: ['e'], revision: 2, discrepancies: [
      { claim: 'phase: "report_completed"', measured: '"implementation"', at: AT }, { claim: 'quality_gates.test_coverage: "passed"', measured: '"pending"', at: AT },
    ] });
    expect((await readWithFaults(rig.relay)).faults).toEqual([]);
  });

  test.each(['completed', 'failed', 'crashed'])('nobody but spark-gates says that a team is %s, or takes it back', async (status) => {
    await using rig = await begun();
    await edit(rig, (context) => { context.status = status; });
    expect(teamOf((await readWithFaults(rig.relay)).state, 'team1')).toMatchObject({ status: 'in_progress', discrepancies: [{ claim: `status: "${status}"`, measured: '"in_progress"', at: AT }] });
    valueOf(await rig.relay.transact((state) => ({ event: { type: 'over', team: 'team1' }, teams: { team1: { ...teamOf(state, 'team1'), status } }, value: null })));
    await edit(rig, (context) => { context.status = 'in_progress'; });
    expect(teamOf((await readWithFaults(rig.relay)).state, 'team1').status).toBe(status);
  });

  test('in the coordination that is all but keys nobody knows, at every level', async () => {
    await using rig = await begun();
    const mine = coordinationOf();
    await rig.put({ 'multi_task_coordination.json': JSON.stringify({ ...mine, revision: 1, overall_progress: 100, vendor: 1, teams: { ...mine.teams, team1: { ...mine.teams.team1, progress: 100, mood: 'good' }, team9: mine.teams.team4 } }) });
    const { state } = await readWithFaults(rig.relay);
    expect(state.coordination).toEqual({
      ...mine, revision: 2, vendor: 1, teams: { ...mine.teams, team1: { ...mine.teams.team1, mood: 'good' } },
      discrepancies: [
        { claim: 'teams.team1.progress: 100', measured: '45', at: AT },
        { claim: 'teams.team9: {"status":"INACTIVE","task_id":null,"phase":null,"progres...', measured: 'missing', at: AT },
        { claim: 'overall_progress: 100', measured: '68', at: AT },
      ],
    });
  });

  test('claims are kept in bounds', async () => {
    await using rig = await begun();
    for (let round = 1; round <= LIMITS.discrepanciesMax / 2 + 1; round++) {
      await edit(rig, (context) => { context.retry_count = round; context.max_retries = 100 + round; });
      await rig.relay.read();
    }
    const { discrepancies } = teamOf(valueOf(await rig.relay.read()), 'team1');
    expect([discrepancies.length, discrepancies[0]?.claim, discrepancies.at(-1)?.claim]).toEqual([LIMITS.discrepanciesMax, 'retry_count: 2', 'max_retries: 126']);
  });
});

describe('a value of the wrong form', () => {
  test.each<[Record<string, unknown>, string]>([
    [{ retry_count: '3' }, 'retry_count is "3", expected a number'],
    [{ phase: 'done' }, expect.stringMatching(/^phase is "done", expected one of pending, implementation, /) as string],
    [{ communication: { blockers: 'many' } }, 'communication.messages_for_orchestrator is missing, expected a list; communication.dependencies_on_other_teams is missing, expected a list; communication.blockers is "many", expected a list'],
    [{ shared_resources: { ...contextOf('team1').shared_resources, 'a.ts': 1 } }, 'shared_resources.a.ts is 1, expected an object'],
    [{ implementation_details: 'done' }, 'implementation_details is "done", expected an object'],
    [{ implementation_details: { ...contextOf('team1').implementation_details, files_created: ['a.ts', 7] } }, 'implementation_details.files_created is 7, expected a text'],
  ])('%j: costs nothing but itself, and is reported by name', async (wrong, sentence) => {
    await using rig = await begun();
    const text = JSON.stringify({ ...contextOf('team1'), revision: 1, status: 'implementation_complete', errors: ['e'], ...wrong });
    await rig.put({ [FILE]: text });
    const { state, faults } = await readWithFaults(rig.relay);
    const [, file = '', told = ''] = /^(.*): (.*); left as before, the rest of the edit counts; the file was kept as team1_current_task\.json\.broken-1$/s.exec(faults[0] ?? '') ?? [];
    expect([faults.length, file, told]).toEqual([1, path.join(rig.folder, FILE), sentence]);
    expect(teamOf(state, 'team1')).toEqual({ ...contextOf('team1'), revision: 2, status: 'implementation_complete', errors: ['e'] });
    expect(await rig.file(`${FILE}.broken-1`)).toBe(text);
    expect((await readWithFaults(rig.relay)).faults).toEqual([]);
  });

  test('alone in an edit, leaves the document as it was', async () => {
    await using rig = await begun();
    await edit(rig, (context) => { Object.assign(context, { errors: 'none' }); });
    expect((await readWithFaults(rig.relay)).faults).toEqual([expect.stringContaining('errors is "none", expected a list') as string]);
    expect(teamOf(valueOf(await rig.open().read()), 'team1')).toEqual({ ...contextOf('team1'), revision: 1 });
  });
});

describe('broken files', () => {
  test.each([
    ['{"team_id": "team1",', /^the document is not JSON \(.*\); expected valid JSON$/],
    ['', /^the document is empty; expected valid JSON$/],
    ['null', /^the document is null; expected an object$/],
    ['[1]', /^the document is \[1\]; expected an object$/],
    [JSON.stringify(contextOf('team2')), /^team_id is "team2"; expected "team1"$/],
    [JSON.stringify({ status: 'completed' }), /^team_id is missing; expected a text$/],
    ['['.repeat(50_000) + ']'.repeat(50_000), /^the document is nested deeper; expected at most 64 levels of nesting$/],
    [`{"x": "${'x'.repeat(LIMITS.documentBytesMax)}"}`, /^the document is \d+ bytes long; expected at most 8388608 bytes$/],
  ])('%#: kept aside, the last good one restored, the fault reported', async (text, sentence) => {
    await using rig = await begun();
    const good = await rig.file(FILE);
    await rig.put({ [FILE]: text });
    const { state, faults } = await readWithFaults(rig.relay);
    expect(teamOf(state, 'team1')).toEqual({ ...contextOf('team1'), revision: 1 });
    const [, reported = ''] = /^(?:.*team1_current_task\.json): (.*); the file was kept as team1_current_task\.json\.broken-1 and the last good one restored$/s.exec(faults[0] ?? '') ?? [];
    expect([faults.length, reported]).toEqual([1, expect.stringMatching(sentence)]);
    expect([await rig.file(FILE), await rig.file(`${FILE}.broken-1`)]).toEqual([good, text]);
    expect((await readWithFaults(rig.relay)).faults).toEqual([]);
  });

  test('the newest few are kept', async () => {
    await using rig = await begun();
    for (let round = 1; round <= LIMITS.asidesMax + 2; round++) {
      await rig.put({ [FILE]: `broken ${String(round)}` });
      await rig.relay.read();
    }
    expect((await rig.names()).filter((name) => name.includes('.broken-'))).toEqual([3, 4, 5, 6, 7].map((number) => `${FILE}.broken-${String(number)}`));
    expect(await rig.file(`${FILE}.broken-7`)).toBe('broken 7');
  });

  test('one that never was sound is kept aside, and there is none', async () => {
    await using rig = await makeRelay({ [FILE]: 'nonsense' });
    const { state, faults } = await readWithFaults(rig.relay);
    expect([state.teams, faults.length, await rig.names()]).toEqual([{}, 1, ['events.ndjson', `${FILE}.broken-1`]]);
  });

  test('a deleted one is restored', async () => {
    await using rig = await begun();
    valueOf(await retry(rig.relay, 'team2'));
    await rm(path.join(rig.folder, FILE));
    const { state, faults } = await readWithFaults(rig.relay);
    expect(faults).toEqual([`${path.join(rig.folder, FILE)} had been deleted; it was restored from the event log`]);
    expect(JSON.parse((await rig.file(FILE)) ?? '')).toEqual(teamOf(state, 'team1'));
    expect((await readWithFaults(rig.relay)).faults).toEqual([]);
  });

  test('a transaction puts right what it finds before it decides', async () => {
    await using rig = await begun();
    await rig.put({ [FILE]: '{' });
    const outcome = await retry(rig.relay, 'team1');
    expect(outcome.ok && [outcome.value, outcome.faults.map(({ reason }) => reason)]).toEqual([1, ['broken']]);
    expect(JSON.parse((await rig.file(FILE)) ?? '')).toMatchObject({ retry_count: 1 });
  });
});

test('whatever is written into a file, no state of the log is lost, and the next transaction works', async () => {
  const paths = ['status', 'phase', 'retry_count', 'errors', 'communication', 'quality_gates', 'implementation_details', 'revision', 'schema_version', 'discrepancies', '__proto__', 'constructor', 'vendor', 'predecessor'];
  const value = fc.oneof(fc.jsonValue(), fc.constantFrom('completed', 'implementation', 'x', 0, -0, 1e300, 99, null, [], {}, ['a', 'a'], { messages_for_orchestrator: ['m'], dependencies_on_other_teams: [], blockers: [] }));
  const edits = fc.array(fc.oneof(
    fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom(...paths), value }),
    fc.record({ kind: fc.constant('drop' as const), key: fc.constantFrom(...paths) }),
    fc.record({ kind: fc.constant('text' as const), text: fc.oneof(fc.string(), fc.json()) }),
    fc.record({ kind: fc.constant('cut' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
    fc.record({ kind: fc.constant('delete' as const) }),
    fc.record({ kind: fc.constant('ours' as const) }),
  ), { minLength: 1, maxLength: 8 });
  await fc.assert(fc.asyncProperty(edits, async (steps) => {
    await using rig = await begun();
    let retries = 0;
    for (const step of steps) {
      const text = (await rig.file(FILE)) ?? '{}';
      if (step.kind === 'set' || step.kind === 'drop') {
        const entries = Object.entries(JSON.parse(text) as object).filter(([key]) => key !== step.key);
        await rig.put({ [FILE]: JSON.stringify(Object.fromEntries(step.kind === 'set' ? [...entries, [step.key, step.value]] : entries)) });
      } else if (step.kind === 'text') await rig.put({ [FILE]: step.text });
      else if (step.kind === 'cut') await rig.put({ [FILE]: text.slice(0, Math.floor(text.length * step.share)) });
      else if (step.kind === 'delete') await rm(path.join(rig.folder, FILE));
      else retries += 1;
      const outcome = step.kind === 'ours' ? await retry(rig.relay, 'team1') : await rig.relay.read();
      if (!outcome.ok && outcome.refusal.reason === 'newer-version') { await rig.put({ [FILE]: text }); continue; }
      expect(outcome.ok).toBe(true);
      const state = valueOf(await rig.open().read());
      const context = teamOf(state, 'team1');
      const { retry_count, phase, quality_gates, team_id, task_id, max_retries } = context;
      expect({ retry_count, phase, team_id, task_id, max_retries }).toEqual({ retry_count: retries, phase: 'implementation', team_id: 'team1', task_id: 'TASK-API-01', max_retries: 3 });
      expect(quality_gates).toMatchObject(contextOf('team1').quality_gates);
      expect(valueOf(await rig.open().rebuild())).toEqual(state);
      expect(parseDocument(FILE, (await rig.file(FILE)) ?? '')).toMatchObject({ kind: 'sound', document: context });
    }
  }), { numRuns: 60 });
});
