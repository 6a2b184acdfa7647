import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Finding } from '../../src/model/finding.ts';
import { GATE_IDS } from '../../src/model/gate.ts';
import { readHookArguments } from '../../src/hooks/arguments.ts';
import { withoutSecrets } from '../../src/hooks/environment.ts';
import { feedbackText, fingerprintOf } from '../../src/hooks/feedback.ts';
import { isGateConfig } from '../../src/hooks/gate-config.ts';
import { phaseOfRole, teamOf } from '../../src/hooks/identity.ts';
import { ownershipOf } from '../../src/hooks/ownership.ts';
import { PLAIN_REACH } from '../../src/orchestrator/reach.ts';
import type { GateFailure } from '../../src/orchestrator/phase-gates.ts';

test.each([
  ['team1', 'team1', null],
  ['team12_implementer', 'team12', 'implementer'],
  ['team2-quality', 'team2', 'quality'],
  ['plugin:team3_tester', 'team3', 'tester'],
  ['a:b:team3', 'team3', null],
])('%s is of %s', (name, team, role) => {
  expect(teamOf(name)).toEqual({ team, role });
});

test.each(['', 'team', 'team0', 'team01', 'steam1', 'team1x', 'Team1', 'team1_', 'my team1', 'alice', 'general-purpose'])('%j is nobody\'s', (name) => {
  expect(teamOf(name)).toBe(null);
});

test('a role is for one phase, by its own name and by that of the phase', () => {
  expect(['implementer', 'implementation', 'quality', 'tester', 'testing', 'reviewer', 'review', 'reporter', 'report', 'explorer', 'constructor', null].map(phaseOfRole)).toEqual(
    ['implementation', 'implementation', 'quality', 'testing', 'testing', 'review', 'review', 'report', 'report', null, null, null],
  );
});

test('who owns a file', () => {
  const tasks = [{ id: 'A', team: 'team1', files: ['src/a/**', 'src/types.ts'] }, { id: 'B', team: 'team2', files: ['src/b', 'src/types.ts'] }, { id: 'C', team: 'team3', files: ['**/*.md', 'package.json'] }];
  const kindOf = (file: string): string => ownershipOf(file, 'team1', { tasks, relay: '.claude/workflows' }).kind;
  expect(Object.fromEntries(['src/a/x.ts', 'src/b/x.ts', 'src/types.ts', 'README.md', 'src/a/README.md', 'package.json', 'tsconfig.json', 'other.ts', '.claude/workflows/tasks.json', '.claude/workflows/file_locks.json'].map((file) => [file, kindOf(file)]))).toEqual({
    'src/a/x.ts': 'own', 'src/b/x.ts': 'foreign', 'src/types.ts': 'shared', 'README.md': 'foreign', 'src/a/README.md': 'shared', 'package.json': 'foreign', 'tsconfig.json': 'shared', 'other.ts': 'unowned',
    '.claude/workflows/tasks.json': 'unowned', '.claude/workflows/file_locks.json': 'relay',
  });
});

test('which files say what gates look for', () => {
  expect(['eslint.config.js', 'packages/a/tsconfig.build.json', 'vitest.config.ts', '.eslintrc.json', '.c8rc', 'biome.json', 'spark-gates.config.ts', '.claude/settings.json', '.claude/settings.local.json', '.claude/spark-gates/launch'].filter((file) => !isGateConfig(file))).toEqual([]);
  expect(['package.json', 'src/config.ts', 'settings.json', 'src/tsconfig.ts', 'eslint.md'].filter(isGateConfig)).toEqual([]);
});

test('what looks like a secret is kept from tools, unless it is to be kept', () => {
  const given = { PATH: '/bin', HOME: '/h', NODE_OPTIONS: '', ANTHROPIC_API_KEY: '1', GITHUB_TOKEN: '1', NPM_TOKEN: '1', AWS_REGION: '1', MY_SECRET: '1', DB_PASSWORD: '1', STRIPE_KEY: '1', CLAUDE_CODE_MESSAGING_TOKEN: '1', CLAUDE_PROJECT_DIR: '/r', SPARK_GATES_RELAY: '/x', KEYBOARD: 'de', MONKEY: '1', SSH_AUTH_SOCK: '1', 'npm_config_//registry/:_authToken': '1', DATABASE_URL: '1' };
  expect(Object.keys(withoutSecrets(given)).sort()).toEqual(['CLAUDE_PROJECT_DIR', 'HOME', 'KEYBOARD', 'MONKEY', 'NODE_OPTIONS', 'PATH', 'SPARK_GATES_RELAY']);
  expect(Object.keys(withoutSecrets({ ...given, SPARK_GATES_KEEP_ENV: 'DATABASE_URL, AWS_*,' })).sort()).toEqual(['AWS_REGION', 'CLAUDE_PROJECT_DIR', 'DATABASE_URL', 'HOME', 'KEYBOARD', 'MONKEY', 'NODE_OPTIONS', 'PATH', 'SPARK_GATES_KEEP_ENV', 'SPARK_GATES_RELAY']);
});

test.each(['PGPASSWORD', 'PGPASSFILE', 'MYSQL_PWD', 'DATABASE_URL', 'TEST_DATABASE_URL', 'POSTGRES_URL', 'REDIS_URL', 'MONGODB_URI', 'MONGO_URL', 'AMQP_URL', 'DOCKER_AUTH_CONFIG', 'AZURE_STORAGE_CONNECTION_STRING'])('%s is a secret by its name', (name) => {
  expect(withoutSecrets({ [name]: 'x' })).toEqual({});
  expect(withoutSecrets({ [name]: 'x', SPARK_GATES_KEEP_ENV: name })).toMatchObject({ [name]: 'x' });
});

test('an address with a password is a secret, whatever it is called', () => {
  for (const url of ['postgres://shop:pw@db/shop', 'https://user:pw@proxy:8080', 'redis://:pw@cache:6379', 'mongodb+srv://a:b@c/d', 'jdbc:mysql://a:p@ss@db']) expect(withoutSecrets({ WHERE: url }), url).toEqual({});
  const plain = { HTTPS_PROXY: 'http://proxy:8080', REPOSITORY: 'ssh://git@host:22/a', PAGE: 'https://host:80/@scope/a', SITE: 'https://host/a?b=c:d@e', MODULES: '/a:/b@c', CACHE_URL: 'http://host' };
  expect(withoutSecrets(plain)).toEqual(plain);
});

test('the words behind hook are read without fail', () => {
  expect(readHookArguments(['--event', 'Stop', '--agent=codex', '--deadline=2', '--what', 'else'])).toEqual({ event: 'Stop', agent: 'codex', deadlineMs: 2000 });
  // Longer than any client waits for it would be no answer.
  expect(readHookArguments(['--deadline', '9999']).deadlineMs).toBe(590_000);
  expect(readHookArguments(['--event'])).toEqual({ event: '', agent: 'claude', deadlineMs: null });
  expect(readHookArguments(['--deadline', '-1'])).toMatchObject({ deadlineMs: null });
});

const finding = fc.record({
  gate: fc.constantFrom(...GATE_IDS), rule: fc.string(), message: fc.oneof(fc.string(), fc.string({ minLength: 500, maxLength: 5_000 })), file: fc.option(fc.string()), line: fc.option(fc.nat()), column: fc.option(fc.nat()), severity: fc.constantFrom('error' as const, 'warning' as const),
});
const failure = fc.record({
  gate: fc.constantFrom(...GATE_IDS),
  verdict: fc.record({ status: fc.constantFrom('failed' as const, 'error' as const), reason: fc.option(fc.string({ maxLength: 3_000 })), blocking: fc.constant(true), inspected: fc.constant({ files: 1 }), durationMs: fc.constant(1), findings: fc.array(finding as fc.Arbitrary<Finding>, { maxLength: 40 }), blockers: fc.constant([]) }),
});

test('feedback is never longer than the client shows, and always ends with its request', () => {
  fc.assert(fc.property(fc.array(failure, { minLength: 1, maxLength: 8 }), fc.array(fc.string({ maxLength: 2_000 }), { maxLength: 3 }), (failures, warnings) => {
    const text = feedbackText({ team: 'team1', phase: 'quality', failures, warnings, round: 2, report: '/r/report.md', reach: PLAIN_REACH });
    expect(text.length).toBeLessThanOrEqual(9_000);
    expect(text.endsWith('\nWhen this is mended, end again and repeat your final report in full: it replaces the one before.')).toBe(true);
  }));
});

test('what was expected and what came survives the cut of a long message', () => {
  const message = ['adds up', ...Array.from({ length: 100 }, (_, line) => `    at stack line ${String(line)} of many`), '- Expected', '+ Received', '- 3', '+ 4'].join('\n');
  const failures: GateFailure[] = [{ gate: 'test_coverage', verdict: { status: 'failed', reason: null, blocking: true, inspected: { files: 1 }, durationMs: 1, blockers: [], findings: [{ gate: 'test_coverage', rule: 'test', message, file: 'a.test.ts', line: 3, column: null, severity: 'error' }] } }];
  expect(feedbackText({ team: 'team1', phase: 'quality', failures, warnings: [], round: 1, report: null, reach: PLAIN_REACH }).split('\n').slice(2, 7)).toEqual(['a.test.ts:3 adds up', '- Expected', '+ Received', '- 3', '+ 4 … (test)']);
});

test('a verdict is the same wherever its findings have moved, and another when one is mended', () => {
  const at = (line: number, ...messages: string[]): GateFailure[] => [{ gate: 'lint_enforcement', verdict: { status: 'failed', reason: `${String(messages.length)} findings`, blocking: true, inspected: { files: 1 }, durationMs: line, blockers: [], findings: messages.map((message) => ({ gate: 'lint_enforcement', rule: 'r', message, file: 'a.ts', line, column: 1, severity: 'error' })) } }];
  expect(fingerprintOf(at(1, 'a', 'b'))).toBe(fingerprintOf(at(7, 'b', 'a')));
  expect(fingerprintOf(at(1, 'a', 'b'))).not.toBe(fingerprintOf(at(1, 'a')));
});
