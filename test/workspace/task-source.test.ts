import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/model/limits.ts';
import type { Task } from '../../src/model/task.ts';
import { loadTasks, type TaskSource, type TasksResult } from '../../src/workspace/task-source/load-tasks.ts';
import { resolveTasks } from '../../src/workspace/task-source/resolve-tasks.ts';
import { makeProject } from '../rig/project.ts';

async function load(files: Readonly<Record<string, string>>, explicit: string | null = null): Promise<TasksResult> {
  await using project = await makeProject(files);
  return await loadTasks({ root: project.root, mainRoot: project.root, relay: '.claude/workflows', explicit, cwd: project.root });
}

async function sourceOf(files: Readonly<Record<string, string>>, explicit: string | null = null): Promise<TaskSource> {
  const result = await load(files, explicit);
  if (!result.ok) throw new Error(result.problems.join('\n'));
  return result.source;
}

const problemsOf = async (files: Readonly<Record<string, string>>, explicit: string | null = null): Promise<readonly string[]> => {
  const result = await load(files, explicit);
  return result.ok ? [] : result.problems;
};

const task = (id: string, more: Partial<Task> = {}): Task => ({ id, description: `do ${id}`, files: [], dependencies: [], priority: 0, ...more });

const EXPECTED: TaskSource = {
  file: '', done: new Set(['T1.1']), notes: [],
  tasks: [
    { id: 'TASK-API-01', description: 'Log in by token', files: ['src/api/**', 'test/api.test.ts'], dependencies: ['T1.1'], priority: 2 },
    { id: 'T1.1', description: 'Agree on the token', files: ['docs/token.md'], dependencies: [], priority: 0 },
    { id: 'AKL-02', description: 'Show who is logged in', files: ['src/ui/{a,b}.ts'], dependencies: [], priority: 0 },
  ],
};

const JSON_LIST = JSON.stringify([
  { id: 'TASK-API-01', description: 'Log in by token', files: ['./src/api/**', 'test/api.test.ts', 'src/api/**'], dependencies: ['T1.1'], priority: 2, owner: 'somebody' },
  { id: 'T1.1', description: 'Agree on the token', globs: 'docs/token.md', status: 'done' },
  { id: 'AKL-02', description: 'Show who is logged in', files: 'src/ui/{a,b}.ts' },
]);

const YAML_LIST = `# the tasks
tasks:
  - id: TASK-API-01
    description: Log in by token
    files: [src/api/**, test/api.test.ts]
    after: T1.1
    priority: 2
  - { id: T1.1, description: Agree on the token, files: docs/token.md, done: true }
  - id: AKL-02
    description: >-
      Show who
      is logged in
    files: ['src/ui/{a,b}.ts']
`;

const MARKDOWN = `---
tasks:
  - { id: T1.1, files: docs/token.md }
---
# Tasks

What is to be done, and _why_.

- [ ] TASK-API-01: Log in by token (files: src/api/**, test/api.test.ts; after: T1.1; priority: 2)
- [x] **T1.1** - Agree on the token
- not a task

Later:

* [ ] \`AKL-02\`: Show who
      is logged in
  - files: \`src/ui/{a,b}.ts\`
  - [ ] find out who it is
`;

describe('forms', () => {
  test.each([
    ['tasks.json', JSON_LIST],
    ['tasks.json', `{ // by hand\n"tasks": ${JSON_LIST}, }`],
    ['tasks.yaml', YAML_LIST],
    ['tasks.yml', YAML_LIST.replaceAll('\n', '\r\n')],
    ['tasks.md', MARKDOWN],
    ['TASKS.md', MARKDOWN.replaceAll('\n', '\r\n')],
    ['.claude/workflows/tasks.md', MARKDOWN],
  ])('%s', async (file, text) => {
    expect(await sourceOf({ [file]: text })).toEqual({ ...EXPECTED, file });
  });

  test('a front matter with an id makes the file one task, its checklist the steps', async () => {
    const text = (box: string): string => `---\nid: TASK-1\ndescription: Log in\nfiles: [src/**]\npriority: 3\n---\n# Steps\n\n- [x] think\n- [${box}] do\n`;
    expect(await sourceOf({ 'work/one.md': text(' ') }, 'work/one.md')).toEqual({ file: 'work/one.md', tasks: [{ id: 'TASK-1', description: 'Log in', files: ['src/**'], dependencies: [], priority: 3 }], done: new Set(), notes: [] });
    expect((await sourceOf({ 'work/one.md': text('x') }, 'work/one.md')).done).toEqual(new Set(['TASK-1']));
  });

  test('defaults hold for what a task does not say', async () => {
    const { tasks } = await sourceOf({ 'tasks.md': '---\nfiles: src/**\npriority: 5\n---\n- [ ] A: one\n- [ ] B: two (priority: 1)\n' });
    expect(tasks).toEqual([task('A', { description: 'one', files: ['src/**'], priority: 5 }), task('B', { description: 'two', files: ['src/**'], priority: 1 })]);
    expect((await sourceOf({ 'tasks.yaml': 'priority: 5\ntasks: [{ id: A, description: one, files: a }]' })).tasks).toEqual([task('A', { description: 'one', files: ['a'], priority: 5 })]);
  });

  test('brackets that are prose stay in the description', async () => {
    expect((await sourceOf({ 'tasks.md': '- [ ] A: call f(x) (see: the wiki)\n  - files: a.ts\n' })).tasks).toEqual([task('A', { description: 'call f(x) (see: the wiki)', files: ['a.ts'] })]);
  });

  test('what is not quite a task is told of', async () => {
    const { notes } = await sourceOf({ 'tasks.md': '- [ ] A: one\n  - [ ] A.1: within\n- [ ] B: two\n' });
    expect(notes).toEqual(['tasks.md: line 1: "A.1: within" is a step of A and no task of its own; move it to the left if it is meant to be one']);
  });
});

describe('where', () => {
  test('the named file, then the relay, then the root', async () => {
    const of = (id: string): string => JSON.stringify([task(id, { files: ['x'] })]);
    const files = { 'tasks.json': of('root'), '.claude/workflows/tasks.json': of('relay'), 'other.json': of('other') };
    expect((await sourceOf(files)).tasks.map(({ id }) => id)).toEqual(['relay']);
    expect((await sourceOf(files, 'other.json')).tasks.map(({ id }) => id)).toEqual(['other']);
    expect((await sourceOf({ 'tasks.json': of('root') })).tasks.map(({ id }) => id)).toEqual(['root']);
  });

  test.each<[Record<string, string>, string | null, string]>([
    [{}, null, 'there is no list of tasks; write .claude/workflows/tasks.yaml or tasks.md in the root, or name a file'],
    [{ 'tasks.json': '[]', 'tasks.md': '' }, null, 'tasks.json and tasks.md both list tasks; keep one of them, or name one'],
    [{}, 'mine.yaml', 'mine.yaml: there is no such file; give a file of tasks'],
    [{ 'mine/a': '' }, 'mine', 'mine: this is no file; give a file of tasks'],
    [{ 'tasks.toml': '' }, 'tasks.toml', 'tasks.toml: tasks are read from .json, .yaml, .yml and .md; give one of these'],
    [{ 'tasks.md': ' '.repeat(LIMITS.taskFileBytesMax + 1) }, null, `tasks.md has ${String(LIMITS.taskFileBytesMax + 1)} bytes, more than the ${String(LIMITS.taskFileBytesMax)} of a task source; split it`],
  ])('%#', async (files, explicit, sentence) => {
    expect(await problemsOf(files, explicit)).toEqual([sentence]);
  });
});

describe('faults', () => {
  test.each<[string, string, string[]]>([
    ['tasks.json', '[\n{"id": "A"\n', ['tasks.json:3: is not valid JSON (CloseBraceExpected); correct it']],
    ['tasks.json', '', ['tasks.json:1: is not valid JSON (ValueExpected); correct it']],
    ['tasks.json', '{"task": []}', ['tasks.json: holds no tasks; expected a list, or an object with the key "tasks", found {"task":[]}']],
    ['tasks.json', '[\n  {"id": "A", "description": "a"},\n  {"id": 7, "description": ""}\n]', ['tasks.json:3: 1.id is 7; expected a text; put it in quotes']],
    ['tasks.yaml', 'tasks:\n  - id: 1.10\n    description: a\n', ['tasks.yaml:2: tasks.0.id is 1.1; expected a text; put it in quotes']],
    ['tasks.yaml', 'tasks:\n  - id: A\n    description: a\n    priority: high\n', ['tasks.yaml:4: task "A": priority is "high"; expected a number']],
    ['tasks.yaml', 'tasks:\n  - id: A\n  id: B\n', ['tasks.yaml:3: is not valid YAML (All mapping items must start at the same column); correct it']],
    ['tasks.yaml', '- id: A\n  description: a\n  dependancies: [B]\n', ['tasks.yaml:1: task "A": "dependancies" is no key of a task; did you mean dependencies?']],
    ['tasks.yaml', '- { id: A, description: a }\n- { id: B, description: b }\n- { id: A, description: c }\n', ['tasks.yaml:3: task "A" is there twice, first on line 1; give one of them another id']],
    ['tasks.yaml', '- { id: A, description: a, after: [TSAK-1, A1] }\n- { id: TASK-1, description: " " }\n', ['tasks.yaml:1: task "A" depends on "TSAK-1", which is not there; did you mean TASK-1?', 'tasks.yaml:1: task "A" depends on "A1", which is not there; did you mean A?', 'tasks.yaml:2: task "TASK-1" has no description; say what is to be done']],
    ['tasks.yaml', '- { id: a b, description: x }\n', ['tasks.yaml:1: task "a b" has no usable id; use at most 100 characters without blanks, commas, semicolons and brackets']],
    ['tasks.yaml', '- { id: A, description: x, files: [../x.ts, /etc/passwd, "C:\\\\x", "", "src/../../y", "!../z", src/../ok.ts] }\n', [
      'tasks.yaml:1: task "A": "../x.ts" is outside the root; give files inside it',
      'tasks.yaml:1: task "A": "/etc/passwd" is absolute; write it relative to the root',
      'tasks.yaml:1: task "A": "C:\\x" is absolute; write it relative to the root',
      'tasks.yaml:1: task "A": a file is empty; give a path or glob, or leave it out',
      'tasks.yaml:1: task "A": "src/../../y" is outside the root; give files inside it',
      'tasks.yaml:1: task "A": "!../z" is outside the root; give files inside it',
    ]],
    // A fault of types hides none of what the tasks are to each other, and the other way round.
    ['tasks.yaml', '- { id: A, description: [a], after: B, priority: high }\n- { id: B, description: b, after: A, files: ../x }\n- { id: C D, after: Z }\n- { id: 4, description: d }\n- E\n', [
      'tasks.yaml:1: task "A": description is ["a"]; expected a text',
      'tasks.yaml:1: task "A": priority is "high"; expected a number',
      'tasks.yaml:1: tasks wait for each other: A -> B -> A; remove one of these dependencies',
      'tasks.yaml:2: task "B": "../x" is outside the root; give files inside it',
      'tasks.yaml:3: task "C D" has no usable id; use at most 100 characters without blanks, commas, semicolons and brackets',
      'tasks.yaml:3: task "C D" has no description; say what is to be done',
      'tasks.yaml:3: task "C D" depends on "Z", which is not there; did you mean A?',
      'tasks.yaml:4: 3.id is 4; expected a text; put it in quotes',
      'tasks.yaml:5: 4 is "E"; expected an object',
    ]],
    ['tasks.md', '# T\n\n- [ ] A: one (after: C)\n- [ ] B: two (after: A)\n- [ ] C: three (after: B)\n- [ ] D: four (after: D)\n', ['tasks.md:3: tasks wait for each other: A -> C -> B -> A; remove one of these dependencies', 'tasks.md:6: tasks wait for each other: D -> D; remove one of these dependencies']],
    ['tasks.md', '- [ ] Set up the templates\n', ['tasks.md:1: "Set up the templates" has no id; write "- [ ] ID: what is to be done", or take the box away if it is no task']],
    ['tasks.md', '---\npriority: x\n---\n\n- [ ] A:\n- [ ] B: two (file: a.ts)\n- [ ] C: three (files: a; files: b; priority: soon; after:)\n', [
      'tasks.md:2: priority is "x"; expected a number',
      'tasks.md:5: task "A" has no description; say what is to be done',
      'tasks.md:6: task "B": "file" is no key of a task; did you mean files?',
      'tasks.md:7: task "C" says files twice; keep one',
      'tasks.md:7: task "C": priority is "soon"; expected a number',
      'tasks.md:7: task "C": after has no value; give one, or leave it out',
    ]],
    ['tasks.md', '- [ ] A\n', ['tasks.md:1: task "A" has no description; say what is to be done']],
    ['tasks.md', '---\na: [\n---\n', ['tasks.md:3: its front matter is not valid YAML (Flow sequence in block collection must be sufficiently indented and end with a ]); correct it']],
    ['tasks.md', '- [ ] A: one\n- [ ] A: two\n', ['tasks.md:2: task "A" is there twice, first on line 1; give one of them another id']],
  ])('%s %#', async (file, text, sentences) => {
    expect(await problemsOf({ [file]: text })).toEqual(sentences);
  });

  test('more than anybody reads are counted', async () => {
    const problems = await problemsOf({ 'tasks.json': JSON.stringify(Array.from({ length: 50 }, () => task('A', { files: ['x'] }))) });
    expect([problems.length, problems.at(-1)]).toEqual([21, 'tasks.json: 29 more problems']);
  });

  test('too many tasks are refused, a chain of as many as are allowed is not', async () => {
    const chain = (length: number): string => JSON.stringify(Array.from({ length }, (_, index) => task(`T${String(index)}`, { files: ['x'], dependencies: index === 0 ? [] : [`T${String(index - 1)}`] })));
    expect((await sourceOf({ 'tasks.json': chain(LIMITS.tasksMax) })).tasks.length).toBe(LIMITS.tasksMax);
    expect(await problemsOf({ 'tasks.json': chain(LIMITS.tasksMax + 1) })).toEqual([`tasks.json: holds ${String(LIMITS.tasksMax + 1)} tasks, more than the ${String(LIMITS.tasksMax)} of a source; split it`]);
  });
});

describe('resolve', () => {
  const source = { file: 'tasks.yaml', tasks: [task('T1'), task('T2', { dependencies: ['T1'] }), task('T3', { dependencies: ['T2', 'T0'] }), task('T0')], done: new Set(['T0']) };

  test('the wanted tasks, in the order asked for, without dependencies that are completed', () => {
    expect(resolveTasks(source, ['T3', 'T1', 'T2', 'T1', 'T0'])).toEqual({
      ok: true, tasks: [task('T3', { dependencies: ['T2'] }), task('T1'), task('T2', { dependencies: ['T1'] })],
      notes: ['task "T1" was given more than once; it is taken once', 'task "T0" is completed already; it is left out, unless you give --again'],
    });
    expect(resolveTasks(source, ['T2'], { completed: new Set(['T1']) })).toEqual({ ok: true, tasks: [task('T2')], notes: [] });
  });

  test('what is completed is done once more on demand only, and its dependants wait for it then', () => {
    const completed = new Set(['T1', 'T2']);
    expect(resolveTasks(source, ['T0'])).toEqual({ ok: false, problems: ['task "T0" is completed already; give --again to have it done once more'] });
    expect(resolveTasks(source, ['T1', 'T2', 'T1'], { completed })).toEqual({ ok: false, problems: ['the tasks T1, T2 are completed already; give --again to have them done once more'] });
    expect(resolveTasks(source, ['T2', 'T1'], { completed, again: true })).toEqual({ ok: true, tasks: [task('T2', { dependencies: ['T1'] }), task('T1')], notes: [] });
    expect(resolveTasks(source, ['T3', 'T0'], { completed, again: true })).toEqual({ ok: true, tasks: [task('T3', { dependencies: ['T0'] }), task('T0')], notes: [] });
    expect(resolveTasks(source, ['T2'], { completed, again: true })).toEqual({ ok: true, tasks: [task('T2')], notes: [] });
  });

  test('unknown ids, and dependencies that nobody will complete', () => {
    expect(resolveTasks(source, ['T2', 'T9', 'nothing-like-it'])).toEqual({
      ok: false, problems: ['task "T2" depends on T1, not completed and not given; give it, too', 'there is no task "T9" in tasks.yaml; did you mean T1?', 'there is no task "nothing-like-it" in tasks.yaml'],
    });
  });
});

test('a checklist says what was written into it', async () => {
  const word = fc.stringMatching(/^[A-Za-z][A-Za-z0-9.-]{0,8}[A-Za-z0-9]$/);
  const tasks = fc.uniqueArray(fc.record({ id: word, description: fc.array(word, { minLength: 1, maxLength: 4 }), files: fc.uniqueArray(fc.tuple(word, fc.constantFrom('**', '*.ts', '{a,b}.ts')).map(([a, b]) => `${a}/${b}`), { minLength: 1, maxLength: 3 }), priority: fc.integer({ min: -5, max: 5 }), isDone: fc.boolean(), inBrackets: fc.boolean() }), { selector: ({ id }) => id, maxLength: 6 });
  await fc.assert(fc.asyncProperty(tasks, async (wanted) => {
    const before = (index: number): string[] => wanted.slice(0, index).slice(-2).map(({ id }) => id);
    const lines = wanted.map(({ id, description, files, priority, isDone, inBrackets }, index) => {
      const fields = [`files: ${files.join(', ')}`, `priority: ${String(priority)}`, ...(before(index).length === 0 ? [] : [`after: ${before(index).join(', ')}`])];
      return `- [${isDone ? 'x' : ' '}] ${id}: ${description.join(' ')}${inBrackets ? ` (${fields.join('; ')})` : fields.map((field) => `\n  - ${field}`).join('')}\n`;
    });
    const source = await sourceOf({ 'tasks.md': `# Tasks\n\n${lines.join('')}` });
    expect(source.tasks).toEqual(wanted.map(({ id, description, files, priority }, index) => ({ id, description: description.join(' '), files, priority, dependencies: before(index) })));
    expect([...source.done]).toEqual(wanted.filter(({ isDone }) => isDone).map(({ id }) => id));
  }), { numRuns: 100 });
});
