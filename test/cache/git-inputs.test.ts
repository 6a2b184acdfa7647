import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Project } from '../rig/project.ts';
import { lookAt, seed } from '../rig/seeded-cache.ts';
import { CODE, FILES, FILES_ONLY, library, look, PACKAGES } from './library.ts';

const STATES_OF_GIT: Readonly<Record<string, (project: Project) => Promise<unknown>>> = {
  'a commit': (p) => p.git('commit', '--quiet', '--allow-empty', '--message', 'Nothing'),
  'a staged change': async (p) => { await p.write({ 'data/names.txt': 'two\n' }); await p.git('add', '--all'); await p.write({ 'data/names.txt': FILES['data/names.txt'] ?? '' }); },
  'a file that is not tracked any more': (p) => p.git('rm', '--quiet', '--cached', 'data/names.txt'),
  'a tag': (p) => p.git('tag', 'v1'),
  'another branch': (p) => p.git('branch', 'next'),
  'a branch that moved': async (p) => { await p.git('pack-refs', '--all'); await p.git('branch', '--force', 'old', (await p.git('commit-tree', '-m', 'x', 'HEAD^{tree}')).trim()); },
  'a stash': async (p) => { await p.write({ 'data/names.txt': 'two\n' }); await p.git('stash', '--quiet'); },
  'a setting': (p) => p.git('config', 'core.abbrev', '12'),
};
const ASKING = "import { execSync } from 'node:child_process';\nexport const version = String(execSync('git describe --always'));\n";

for (const [name, change] of Object.entries(STATES_OF_GIT)) {
  test(`${name} counts where a file asks git, for linters where their configuration may load it`, async () => {
    for (const [file, hits] of [['lint/version.js', []], ['scripts/version.js', CODE]] as const) {
      await using project = await library();
      await project.write({ [file]: ASKING, 'eslint.config.js': `import './lint/rules.js';\n${FILES['eslint.config.js'] ?? ''}`, 'lint/rules.js': "import './version.js';\n" });
      await project.git('add', '--all');
      await project.git('commit', '--quiet', '--message', 'Ask');
      await project.git('branch', 'old');
      expect(await seed(look(project))).toEqual({});
      await change(project);
      const found = await lookAt(look(project));
      expect([...found.hits].sort()).toEqual([...FILES_ONLY, ...PACKAGES, ...hits].sort());
      expect(found.misses['documentation_check:markdown']).toBe('the commit, the index, a branch or a tag changed, and a file of the project asks git');
    }
  });
}

test('how git stores what it knows does not count, nor does what git and services run, or the kind of a repository', async () => {
  await using project = await library();
  const manifest = JSON.parse(FILES['package.json'] ?? '') as object;
  await project.write({ 'package.json': JSON.stringify({ ...manifest, keywords: ['books', 'git'], repository: { type: 'git', url: 'git+https://example.com/library.git' } }), '.github/workflows/ci.yml': 'run: git diff --exit-code\n', 'vite.config.js': "export const ignored = ['**/.git/**'];\n" });
  await seed(look(project));
  await project.git('add', '--all');
  await project.git('commit', '--quiet', '--message', 'Name the repository');
  expect((await lookAt(look(project))).misses).toEqual({});
  await project.write({ 'scripts/version.js': ASKING });
  await seed(look(project));
  await project.git('pack-refs', '--all');
  await utimes(path.join(project.root, 'data/names.txt'), 1, 1);
  await project.git('status');
  expect((await lookAt(look(project))).misses).toEqual({});
});
