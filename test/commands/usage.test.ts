import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { makeProject, REPOSITORY } from '../rig/project.ts';
import { runLine } from './run-program.ts';

const GATES = 'syntax_validation, type_verification, lint_enforcement, security_analysis, test_coverage, performance_check, documentation_check, integration_test';

test.each([
  [['rnu'], "unknown command 'rnu'. Did you mean run?"],
  [['run', '--jbos', '2'], "unknown option '--jbos'. Did you mean --jobs?"],
  [['run', '--jobs', '0'], "option '--jobs <n>' argument '0' is invalid. It must be a whole number of at least 1."],
  [['run', '--jobs', '1.5'], "option '--jobs <n>' argument '1.5' is invalid. It must be a whole number of at least 1."],
  [['run', '--reporter', 'jsn'], "option '--reporter <name>' argument 'jsn' is invalid. Allowed choices are pretty, json, ndjson."],
  [['run', '--preset', 'strict'], "option '--preset <name>' argument 'strict' is invalid. Allowed choices are recommended, spark."],
  [['run', '--gate', 'linter'], `option '--gate <id...>' argument 'linter' is invalid. There is no gate "linter". Did you mean lint? The gates are ${GATES}.`],
  [['plan', '--gate', 'type_verificaton'], `option '--gate <id...>' argument 'type_verificaton' is invalid. There is no gate "type_verificaton". Did you mean type_verification? The gates are ${GATES}.`],
  [['run', '--team', 'api'], "option '--team <name=glob[,glob]>' argument 'api' is invalid. Write it as NAME=GLOB[,GLOB], for example --team api='src/api/**'."],
  [['run', '--team', '=src/**'], "option '--team <name=glob[,glob]>' argument '=src/**' is invalid. Write it as NAME=GLOB[,GLOB], for example --team api='src/api/**'."],
  [['run', '--team', 'api=src/**,'], "option '--team <name=glob[,glob]>' argument 'api=src/**,' is invalid. Write it as NAME=GLOB[,GLOB], for example --team api='src/api/**'."],
])('%j is one sentence on stderr and exit code 2', async (args, sentence) => {
  expect(await runLine(REPOSITORY, ...args)).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${sentence}\n` });
});

test('a gate goes by its name, and by what reports call it', async () => {
  await using project = await makeProject({ 'package.json': '{}' });
  const [long, short] = [await runLine(project.root, 'plan', '--gate', 'syntax_validation,type_verification'), await runLine(project.root, 'plan', '--gate', 'syntax', 'types')];
  expect(short).toEqual(long);
  expect({ exitCode: short.exitCode, stdout: short.stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('type_verification') as unknown });
});

test('alone it prints help, and does not look like a pass', async () => {
  const { exitCode, stdout, stderr } = await runLine(REPOSITORY);
  expect(stdout).toMatch(/^Usage: spark-gates \[options\] \[command\]\n/);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: '' });
});

test.each(['run', 'plan', 'gates', 'doctor'])('help of %s goes to stdout', async (command) => {
  const { exitCode, stdout, stderr } = await runLine(REPOSITORY, command, '--help');
  expect(stdout).toMatch(new RegExp(`^Usage: spark-gates ${command} `));
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('prints the version of package.json', async () => {
  const { version } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { version: string };
  expect(await runLine(REPOSITORY, '--version')).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
});

test('a folder that is not there', async () => {
  await using project = await makeProject({ 'a.js': '' });
  const folder = path.join(project.root, 'gone');
  expect(await runLine(project.root, 'run', '--cwd', 'gone')).toEqual({ exitCode: 2, stdout: '', stderr: `spark-gates: ${folder}: there is no such folder; give the folder of the repository to check\n` });
});

test.each(['__proto__', 'constructor', 'toString'])('a team may be called %s, or is refused; it does not vanish', async (name) => {
  await using project = await makeProject({ 'src/a.json': '{}' });
  const { exitCode, stdout, stderr } = await runLine(project.root, 'plan', '--json', '--gate', 'syntax_validation', '--team', `${name}=src/a.json`);
  if (name === '__proto__') expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'spark-gates: "__proto__" cannot be the name of a team (command line); choose another\n' });
  else expect(JSON.parse(stdout)).toMatchObject({ teams: { [name]: { files: 1 } } });
});

test('teams that overlap are both named', async () => {
  await using project = await makeProject({ 'src/a.js': '', 'src/b.js': '' });
  const { exitCode, stderr } = await runLine(project.root, 'plan', '--team', 'one=src/a.js', '--team', 'two=src/{a,b}.js');
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: 'spark-gates: teams "one" and "two" both own src/a.js; a file has one owner, so narrow the globs of one of them\n' });
});
