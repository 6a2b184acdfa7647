import path from 'node:path';
import { expect, test } from 'vitest';
import { loadedModules } from '../../../gates/engines/loaded-modules.ts';
import { makeProject } from '../../rig/project.ts';

const INSTALLED = { 'node_modules/@herbs/mint/index.js': "import { readFileSync } from 'node:fs';\nexport default readFileSync;\n", 'node_modules/@herbs/mint/package.json': '{ "type": "module", "exports": "./index.js" }', 'node_modules/thyme/index.js': '' };

async function ofConfig(name: string, text: string, more: Readonly<Record<string, string>> = {}) {
  await using project = await makeProject({ 'package.json': '{ "type": "module" }', ...INSTALLED, ...more, [name]: text });
  const { files, ...rest } = loadedModules(path.join(project.root, name));
  return { ...rest, files: files.map((file) => path.relative(project.root, file)).sort() };
}

test('what a configuration imports is followed, and which packages its own code imports is told', async () => {
  expect(await ofConfig('eslint.config.js', "import path from 'node:path';\nimport mint from '@herbs/mint';\nexport * from './more.js';\n", { 'more.js': "export { default } from 'thyme';\n" })).toEqual({
    files: ['eslint.config.js', 'more.js', 'node_modules/@herbs/mint/index.js', 'node_modules/thyme/index.js'], packages: ['@herbs/mint', 'thyme'], isOpen: false,
  });
  expect(await ofConfig('eslint.config.cjs', "const mint = require('@herbs/mint/lib');\nmodule.exports = require('./more.cjs');\n", { 'more.cjs': '' })).toEqual({ files: ['eslint.config.cjs', 'more.cjs'], packages: ['@herbs/mint'], isOpen: false });
});

test.each([
  "import { readFileSync } from 'node:fs';", "import 'child_process';", "const { readFileSync } = require('fs');", "process.getBuiltinModule('fs');", "import { createRequire } from 'somewhere';",
  'await import(name);', "import './gone.js';", 'require(name);', "import '@herbs/oregano';",
])('nobody can tell what code of the project finds by %s', async (line) => {
  expect((await ofConfig('eslint.config.js', `${line}\nexport default [];\n`)).isOpen).toBe(true);
});
