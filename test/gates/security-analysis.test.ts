import { createServer, type Server } from 'node:http';
import { describe, expect, test } from 'vitest';
import { runGate, type GateRunOptions } from '../rig/gate.ts';
import { makeProject } from '../rig/project.ts';
import type { CheckOutcome } from '../../src/model/check.ts';

// Put together at run time, so that this file itself holds no credential.
const TOKEN = ['ghp', 'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'].join('_');
const OFFLINE = { gates: { security_analysis: { audit: 'off' } } } as const;

async function outcomesOf(files: Readonly<Record<string, string>>, options: GateRunOptions = { config: OFFLINE }): Promise<Record<string, CheckOutcome>> {
  await using project = await makeProject(files);
  const { outcomes } = await runGate(project, 'security_analysis', options);
  return Object.fromEntries(outcomes.map(({ check, outcome }) => [check.name, outcome]));
}

function placesOf(outcome: CheckOutcome | undefined): string[] {
  if (outcome?.status !== 'done') throw new Error(JSON.stringify(outcome));
  return outcome.findings.map((finding) => `${finding.file ?? ''}:${String(finding.line)}:${String(finding.column)} ${finding.rule}`);
}

describe('secrets', () => {
  test('are found in any text file and never printed', async () => {
    const outcomes = await outcomesOf({ 'a b.md': `# T\n\ntoken ${TOKEN}\n`, '.env': `GH=${TOKEN}\n`, 'ok.ts': 'export {};\n' });
    expect(placesOf(outcomes.secrets)).toEqual(['.env:1:4 @secretlint/secretlint-rule-github', 'a b.md:3:7 @secretlint/secretlint-rule-github']);
    expect(JSON.stringify(outcomes)).not.toContain(TOKEN);
    expect(outcomes.secrets).toMatchObject({ inspected: { files: ['.env', 'a b.md', 'ok.ts'] } });
  });

  test('a secretlint-disable comment is honoured, and what it silences is counted', async () => {
    const outcomes = await outcomesOf({ 'a.ts': `// secretlint-disable\nexport const a = '${TOKEN}';\n`, 'b.ts': '// secretlint-disable\n' });
    expect(placesOf(outcomes.secrets)).toEqual([]);
    expect(outcomes.secrets).toMatchObject({ notes: ['1 finding silenced by comments: a.ts:2 @secretlint/secretlint-rule-github'] });
  });
});

describe('secrets as the project configures them, without a secretlint of its own', () => {
  const PRESET = '@secretlint/secretlint-rule-preset-recommend';
  const secretsOf = async (files: Readonly<Record<string, string>>): Promise<CheckOutcome | undefined> => (await outcomesOf({ 'a.md': `${TOKEN}\n`, ...files })).secrets;

  test('the preset with a message allowed, and with nothing left to look for', async () => {
    const preset = (allowMessageIds: readonly string[], disabled: boolean): string => JSON.stringify({ rules: [{ id: PRESET, disabled, rules: [{ id: '@secretlint/secretlint-rule-github', allowMessageIds }] }] });
    expect(placesOf(await secretsOf({ '.secretlintrc.json': preset([], false) }))).toEqual(['a.md:1:1 @secretlint/secretlint-rule-github']);
    expect(placesOf(await secretsOf({ '.secretlintrc.json': preset(['GITHUB_TOKEN'], false) }))).toEqual([]);
    expect(await secretsOf({ '.secretlintrc.json': preset([], true) })).toEqual({ status: 'skipped', reason: 'every rule is disabled in .secretlintrc.json' });
  });

  test('a rule that the project has installed, by its short name, in package.json', async () => {
    const rule = "export const creator = { meta: { id: 'word', type: 'scanner', recommended: true, supportedContentTypes: ['text'] }, create: (context, options) => ({ file(source) { const at = source.content.indexOf(options.word); if (at >= 0) context.report({ message: 'that word', range: [at, at + 3] }); } }) };\n";
    const outcome = await secretsOf({
      'package.json': JSON.stringify({ secretlint: { rules: [{ id: 'word', options: { word: 'hush' } }] } }),
      'b.txt': 'hush\n',
      'node_modules/secretlint-rule-word/package.json': '{"name":"secretlint-rule-word","version":"1.0.0","type":"module","exports":{"default":"./index.js"}}',
      'node_modules/secretlint-rule-word/index.js': rule,
    });
    expect(placesOf(outcome)).toEqual(['b.txt:1:1 word', 'package.json:1:57 word']);
  });

  test('a rule that is not installed, or a configuration that is none: an error, never the default', async () => {
    expect(await secretsOf({ '.secretlintrc.yaml': 'rules:\n  - id: gone\n' })).toEqual({
      status: 'error', failure: { reason: 'engine-missing', engine: "secretlint's rule gone, which .secretlintrc.yaml asks for,", install: 'npm install --save-dev secretlint gone' },
    });
    expect(await secretsOf({ '.secretlintrc.json': '{"rules": nothing}' })).toMatchObject({ status: 'error', failure: { reason: 'project-config', file: '.secretlintrc.json' } });
    expect(await secretsOf({ '.secretlintrc.js': "throw new Error('no luck');\n" })).toEqual({ status: 'error', failure: { reason: 'project-config', file: '.secretlintrc.js', detail: 'it throws: no luck' } });
    expect(await secretsOf({ '.secretlintrc.json': '{"rules":[]}' })).toMatchObject({ status: 'error', failure: { reason: 'project-config', file: '.secretlintrc.json' } });
  });

  test('files that .secretlintignore names are not counted as inspected', async () => {
    expect(await secretsOf({ '.secretlintignore': '*.md\n' })).toEqual({
      status: 'done', findings: [], inspected: { files: ['.secretlintignore'] }, notes: ['1 file left out by .secretlintignore: a.md'],
    });
  });
});

describe('dangerous patterns', () => {
  test('are found where they stand; constant text, tests and disabled lines are not', async () => {
    const outcomes = await outcomesOf({
      'src/a.ts': [
        'export function run(code: string, element: HTMLElement): unknown {',
        '  eval(code);',
        '  setTimeout("run(" + code + ")", 1);',
        '  element.innerHTML = code;',
        '  element.insertAdjacentHTML("beforeend", code);',
        '  // eslint-disable-next-line spark-gates/no-dynamic-function',
        '  new Function(code);',
        '  Function("return this")();',
        '  element.innerHTML = "";',
        '  return new Function("a", code);',
        '}',
        '',
      ].join('\n'),
      'src/hidden.js': 'export const level = "user\u202E \u2066// admin\u2069 \u2066";\n',
      'test/a.test.js': 'eval(location.hash);\n',
    });
    expect(placesOf(outcomes['rules:1'])).toEqual([
      'src/a.ts:2:3 security/detect-eval-with-expression',
      'src/a.ts:3:3 no-implied-eval',
      'src/a.ts:4:3 no-unsanitized/property',
      'src/a.ts:5:3 no-unsanitized/method',
      'src/a.ts:10:10 spark-gates/no-dynamic-function',
      ...(placesOf(outcomes['rules:1']).filter((place) => place.startsWith('src/hidden.js:1:'))),
    ]);
    expect(placesOf(outcomes['rules:1']).filter((place) => place.startsWith('src/hidden.js:1:')).length).toBeGreaterThan(0);
  });

  test('what comments silence is counted, however they do it', async () => {
    const outcomes = await outcomesOf({
      'src/a.ts': '/* eslint-disable */\nexport const a = (code: string): unknown => eval(code);\nexport const slow = /(a+)+$/;\n',
      'src/b.ts': '/* eslint security/detect-eval-with-expression: "off" */\nexport const b = (code: string): unknown => eval(code);\n',
      'src/c.ts': '// eslint-disable-next-line security/detect-eval-with-expression -- checked\nexport const c = (code: string): unknown => eval(code);\neval(c.name);\n',
      'src/d.ts': '/* eslint-disable no-var */\nexport const d = 1;\n',
    });
    expect(placesOf(outcomes['rules:1'])).toEqual(['src/c.ts:3:1 security/detect-eval-with-expression']);
    const rule = 'security/detect-eval-with-expression';
    expect(outcomes['rules:1']).toMatchObject({ notes: [`3 findings silenced by comments: src/a.ts:2 ${rule}, src/b.ts:2 ${rule}, src/c.ts:2 ${rule}`] });
  });

  test('a file that does not parse is named, with and without a dangerous word in it', async () => {
    const outcomes = await outcomesOf({ 'a.ts': 'export const a = ;\n', 'b.ts': 'eval(x; \n' });
    const outcome = outcomes['rules:1'];
    if (outcome?.status !== 'done') throw new Error(JSON.stringify(outcome));
    expect(outcome.findings.map(({ file, rule, kind }) => [file, rule, kind])).toEqual([['a.ts', 'parse', 'parse'], ['b.ts', 'parse', 'parse']]);
  });

  test('every way to write the call is found; the mere name is not', async () => {
    const calls = ['new Function(a)', 'Function (a)', 'Function?.(a)', 'new Function<string>(a)', '(Function)(a)', 'Function/* */(a)', 'Function\\n(a)', 'F\\u0075nction(a)'];
    const files = Object.fromEntries(calls.map((call, index) => [`src/${String(index)}.ts`, `export const f = (a: string) => ${call.replace('\\n', '\n')};\n`]));
    const outcomes = await outcomesOf({ ...files, 'src/name.ts': 'import * as Function from "./Function.ts";\nexport type F = Function.F;\n' });
    expect(placesOf(outcomes['rules:1']).map((place) => place.slice(0, place.indexOf(':')))).toEqual(calls.map((_, index) => `src/${String(index)}.ts`));
  });

  test('code in folders that ESLint ignores by itself is linted all the same', async () => {
    const outcomes = await outcomesOf({ 'src/-dash é.mjs': 'export const f = (a) => eval(a);\n', 'src/dist/a.js': 'export const f = (a) => eval(a);\n' });
    expect(placesOf(outcomes['rules:1'])).toEqual(['src/-dash é.mjs:1:25 security/detect-eval-with-expression', 'src/dist/a.js:1:25 security/detect-eval-with-expression']);
  });

  test('strict adds what has honest exceptions', async () => {
    const files = { 'a.js': 'const name = process.argv[2];\nrequire(name);\n' };
    expect(placesOf((await outcomesOf(files))['rules:1'])).toEqual([]);
    expect(placesOf((await outcomesOf(files, { config: { gates: { security_analysis: { audit: 'off', patterns: 'strict' } } } }))['rules:1'])).toEqual(['a.js:2:1 security/detect-non-literal-require']);
  });
});

const MANIFEST = '{\n  "name": "app",\n  "private": true,\n  "dependencies": {\n    "left": "^1.0.0"\n  }\n}\n';

function lock(range: string, entry: object): string {
  return JSON.stringify({ name: 'app', lockfileVersion: 3, requires: true, packages: { '': { name: 'app', dependencies: { left: range } }, 'node_modules/left': entry } }, null, 2);
}

const SOUND = { version: '1.0.0', resolved: 'https://registry.example/left/-/left-1.0.0.tgz', integrity: 'sha512-AAAA' };

describe('lockfile', () => {
  test('a sound one has no findings and counts its packages', async () => {
    const outcomes = await outcomesOf({ 'package.json': MANIFEST, 'package-lock.json': lock('^1.0.0', SOUND) });
    expect(outcomes.lockfile).toEqual({ status: 'done', findings: [], inspected: { files: ['package-lock.json'], packages: 2 } });
  });

  test('another range, an open connection, a missing sum, a lockfile that is none', async () => {
    const places = async (text: string): Promise<string[]> => placesOf((await outcomesOf({ 'package.json': MANIFEST, 'package-lock.json': text })).lockfile);
    expect(await places(lock('^2.0.0', SOUND))).toEqual(['package-lock.json:9:null lockfile/out-of-date']);
    expect(await places(lock('^1.0.0', { ...SOUND, resolved: 'http://registry.example/left.tgz' }))).toEqual(['package-lock.json:14:null lockfile/open-transport']);
    expect(await places(lock('^1.0.0', { version: '1.0.0', resolved: SOUND.resolved }))).toEqual(['package-lock.json:12:null lockfile/no-integrity']);
    expect(await places(lock('^1.0.0', { optional: true }))).toEqual(['package-lock.json:12:null lockfile/no-version']);
    expect(await places('{}')).toEqual(['package-lock.json:1:null lockfile/unreadable']);
  });

  test('pnpm and yarn', async () => {
    const pnpm = (name: string): string => `lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      ${name}:\n        specifier: ^1.0.0\n        version: 1.0.0\npackages:\n  ${name}@1.0.0:\n    resolution: {integrity: sha512-AAAA}\n`;
    expect(placesOf((await outcomesOf({ 'package.json': MANIFEST, 'pnpm-lock.yaml': pnpm('left') })).lockfile)).toEqual([]);
    expect(placesOf((await outcomesOf({ 'package.json': MANIFEST, 'pnpm-lock.yaml': pnpm('right') })).lockfile)).toEqual(['pnpm-lock.yaml:1:null lockfile/out-of-date']);
    const yarn = (range: string): string => `# yarn lockfile v1\n\n\nleft@${range}:\n  version "1.0.0"\n  resolved "https://registry.example/left/-/left-1.0.0.tgz#abc"\n`;
    expect(placesOf((await outcomesOf({ 'package.json': MANIFEST, 'yarn.lock': yarn('^1.0.0') })).lockfile)).toEqual([]);
    expect(placesOf((await outcomesOf({ 'package.json': MANIFEST, 'yarn.lock': yarn('^0.1.0') })).lockfile)).toEqual(['yarn.lock:1:null lockfile/out-of-date']);
  });
});

describe('audit', () => {
  const files = { 'package.json': MANIFEST, 'package-lock.json': lock('^1.0.0', SOUND) };

  async function auditWith(answer: string | null): Promise<CheckOutcome | undefined> {
    const server = createServer((request, response) => {
      const isAudit = request.url?.endsWith('/security/advisories/bulk') === true;
      const body = isAudit ? (answer ?? '') : JSON.stringify({ name: 'left', 'dist-tags': { latest: '1.0.0' }, versions: { '1.0.0': { name: 'left', version: '1.0.0', dist: {} } } });
      response.writeHead(isAudit && answer === null ? 503 : 200, { 'content-type': 'application/json' }).end(body);
    });
    const port = await listen(server);
    try {
      return (await outcomesOf(files, { environment: { npm_config_registry: `http://127.0.0.1:${String(port)}/`, npm_config_offline: undefined } })).audit;
    } finally {
      server.close();
    }
  }

  test('a known vulnerability is found where its package is declared', async () => {
    const advisory = { id: 1, url: 'https://github.com/advisories/GHSA-aaaa-bbbb-cccc', title: 'Left is not right', severity: 'high', vulnerable_versions: '<2.0.0', cwe: [], cvss: { score: 7, vectorString: null } };
    const outcome = await auditWith(JSON.stringify({ left: [advisory] }));
    expect(outcome).toEqual({
      status: 'done',
      validity: { kind: 'for', ms: 3_600_000 },
      findings: [{ gate: 'security_analysis', rule: 'GHSA-aaaa-bbbb-cccc', message: 'left: Left is not right (high)', file: 'package.json', line: 5, column: null, severity: 'error' }],
      inspected: { files: [], packages: 1 },
    });
  });

  test('below the level, or none: clean', async () => {
    // npm keeps what it worked out about an advisory in its cache, by id.
    const low = { id: 2, url: 'https://github.com/advisories/GHSA-aaaa-bbbb-dddd', title: 'Meh', severity: 'low', vulnerable_versions: '<2.0.0', cwe: [], cvss: { score: 1, vectorString: null } };
    expect(await auditWith(JSON.stringify({ left: [low] }))).toMatchObject({ status: 'done', findings: [] });
    expect(await auditWith('{}')).toMatchObject({ status: 'done', findings: [] });
  });

  test('a registry that fails or cannot be reached: skipped, neither passed nor failed', async () => {
    expect(await auditWith(null)).toEqual({ status: 'skipped', reason: 'no audit: the registry answered with status 503', validity: { kind: 'for', ms: 600_000 } });
    const outcomes = await outcomesOf(files, { environment: { npm_config_registry: 'http://127.0.0.1:9/', npm_config_offline: undefined } });
    expect(outcomes.audit).toEqual({ status: 'skipped', reason: 'no audit: the registry could not be reached', validity: { kind: 'for', ms: 600_000 } });
    expect((await outcomesOf(files, {})).audit).toMatchObject({ status: 'skipped', reason: 'no audit: npm is set to offline' });
  });
});

test('cancelled: every check ends in error', async () => {
  await using project = await makeProject({ 'a.ts': 'export {};\n' });
  const { outcomes } = await runGate(project, 'security_analysis', { config: OFFLINE, signal: AbortSignal.abort({ reason: 'cancelled', by: 'user' }) });
  expect(outcomes.map(({ check, outcome }) => [check.name, outcome.status])).toEqual([['secrets', 'error'], ['rules:1', 'error']]);
});

function listen(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      resolve(address.port);
    });
  });
}
