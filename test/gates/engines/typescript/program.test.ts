import path from 'node:path';
import { expect, test } from 'vitest';
import { collectDiagnostics } from '../../../../gates/engines/typescript/diagnostics.ts';
import { ProgramCancelled } from '../../../../gates/engines/typescript/program-cancelled.ts';
import { programOf } from '../../../../gates/engines/typescript/program.ts';
import { makeProject, REPOSITORY } from '../../../rig/project.ts';

const FILES = {
  'tsconfig.json': JSON.stringify({ compilerOptions: { strict: true, lib: ['es2022'], types: [] }, include: ['src'] }),
  ...Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`src/f${String(index)}.ts`, `export const v${String(index)}: string = ${String(index)};\n`])),
};

test('a program stops while it is built and while it is checked, and is kept in its lane once built', async () => {
  await using project = await makeProject(FILES, { packages: { typescript: 'typescript' } });
  let left = Infinity;
  const isCancelled = (): boolean => (left -= 1) < 0;
  const lane = new Map<string, unknown>();
  const request = { typescriptFolder: path.join(REPOSITORY, 'node_modules/typescript'), config: path.join(project.root, 'tsconfig.json'), root: project.root, kept: null, isCancelled };

  left = 10;
  expect(() => programOf(lane, request)).toThrow(ProgramCancelled);
  expect(lane.size).toBe(0);

  left = Infinity;
  const built = programOf(lane, request);
  expect(programOf(lane, request)).toBe(built);
  expect(programOf(lane, { ...request, typescriptFolder: path.join(project.root, 'node_modules/typescript') })).toBe(built);
  left = 5;
  expect(() => collectDiagnostics(built, isCancelled)).toThrow(ProgramCancelled);
  left = Infinity;
  expect(collectDiagnostics(built, isCancelled).semantic).toHaveLength(40);
});
