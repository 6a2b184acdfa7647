import { existsSync, readFileSync } from 'node:fs';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/workspace/config-file.ts';
import { start } from '../cli/start.ts';
import { makeProject, REPOSITORY, type Project } from '../rig/project.ts';
import { DOCUMENTS, fencesOf, readDocument } from './documents.ts';

/** The README's example repository: what its commands are about. */
function makeShop(): Promise<Project> {
  return makeProject({
    'package.json': '{ "name": "shop", "private": true, "type": "module" }\n',
    'tsconfig.json': '{ "compilerOptions": { "noEmit": true, "strict": true, "types": [] }, "include": ["src"] }\n',
    'README.md': '# Shop\n',
    'src/api/price.ts': '/** Price in cents. */\nexport const price: number = "1";\n',
    'src/web/page.ts': '/** Number of the page. */\nexport const page: number = 2;\n',
  }, { packages: { typescript: 'typescript' }, git: true });
}

const COMMANDS = [...new Set(DOCUMENTS.flatMap(fencesOf).filter((fence) => fence.language === 'sh').flatMap((fence) => fence.text.trim().split('\n')))];

function wordsOf(line: string): string[] {
  return [...line.replace(/^npx spark-gates /, '').matchAll(/(?:'[^']*'|[^\s'])+/g)].map(([word]) => word.replaceAll("'", ''));
}

test('the documents have commands', () => {
  expect(COMMANDS.length).toBeGreaterThan(5);
});

test.each(COMMANDS)('%s', async (line) => {
  await using project = await makeShop();
  const args = wordsOf(line);
  const { exitCode, stdout, stderr } = await start(project.root, args).ended;
  expect(stderr).toBe('');
  expect(stdout).not.toBe('');
  // The example has a type error: a run says so, everything else only looks.
  const isRun = args[0] === 'run' && !args.includes('--help');
  expect(exitCode).toBe(isRun ? 1 : 0);
});

test('a session of several agents, command by command', async () => {
  const commands = fencesOf('docs/sessions.md').filter((fence) => fence.language === 'bash').flatMap((fence) => fence.text.trim().split('\n'));
  expect(commands.length).toBeGreaterThan(7);
  await using project = await makeShop();
  await project.write({
    'tasks.md': fencesOf('docs/sessions.md').find((fence) => fence.language === 'markdown')?.text ?? '',
    'src/api/price.ts': '/** Price in cents. */\nexport const price: number = 1;\n',
    'my-agent.mjs': "import { mkdirSync, writeFileSync } from 'node:fs';\nif (process.env.SPARK_GATES_TASK === 'TASK-E2E-03') {\n  mkdirSync('test', { recursive: true });\n  writeFileSync('test/both.json', '{}\\n');\n}\n",
  });
  for (const line of commands) {
    const { exitCode, stdout, stderr } = await start(project.root, wordsOf(line)).ended;
    expect({ line, exitCode, isSilent: stdout === '', stderr: exitCode === 0 ? '' : stderr }).toEqual({ line, exitCode: 0, isSilent: false, stderr: '' });
  }
});

test.each(fencesOf('README.md').filter((fence) => fence.language === 'ts' || fence.text.includes('$schema')))('the configuration in $language is accepted', async ({ language, text }) => {
  await using project = await makeShop();
  const file = `spark-gates.config.${language}`;
  await project.write({ [file]: text, 'test/page.ts': '' });
  await symlink(REPOSITORY, path.join(project.root, 'node_modules', 'spark-gates'), 'dir');
  const loaded = await loadConfig({ root: project.root, explicit: null, cwd: project.root });
  expect(loaded).toMatchObject({ ok: true, file: path.join(project.root, file) });
  const { exitCode, stderr } = await start(project.root, ['plan']).ended;
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('the report has the shape that its document shows', async () => {
  const shown = JSON.parse(fencesOf('docs/report.md').find((fence) => fence.text.includes('"teams": {\n'))?.text ?? '') as unknown;
  await using project = await makeShop();
  const { stdout } = await start(project.root, ['run', '--reporter', 'json', '--gate', 'type_verification', '--team', 'api=src/api/**']).ended;
  expect(shapeOf(shown)).toEqual(shapeOf(JSON.parse(stdout)));
});

/** Keys in their order and types of values; of a list, what its first item looks like. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'string' : typeof value;
  return Object.entries(value).map(([key, item]) => [key, shapeOf(item)]);
}

test('npm scripts that the documents name are there', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(REPOSITORY, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = DOCUMENTS.flatMap((name) => [...readDocument(name).matchAll(/npm (?:run (\w+)|(start|test))\b/g)].map((match) => match[1] ?? match[2] ?? ''));
  expect(named.length).toBeGreaterThan(4);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
});

describe.each(DOCUMENTS)('%s', (name) => {
  test('names only folders and files that exist', () => {
    const named = [...readDocument(name).matchAll(/`((?:src|gates|workers|test)\/[\w./-]*)`/g)].map((match) => match[1] ?? '');
    expect(named.filter((file) => !existsSync(path.join(REPOSITORY, file)))).toEqual([]);
  });
});
