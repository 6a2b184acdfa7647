import { existsSync, readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import path from 'node:path';
import { REPOSITORY, type Project } from './project.ts';

/** Copies packages of ours, and all that they depend on, into the project's node_modules: an installed tree of its own, small and real. */
export async function copyPackages(project: Project, names: readonly string[]): Promise<void> {
  const ours = path.join(REPOSITORY, 'node_modules');
  const wanted = new Set(names);
  for (const name of wanted) {
    const manifest = path.join(ours, name, 'package.json');
    // An optional dependency of another platform.
    if (!existsSync(manifest)) continue;
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(readFileSync(manifest, 'utf8')) as Readonly<Record<string, Record<string, string>>>;
    for (const needed of [...Object.keys(dependencies), ...Object.keys(peerDependencies)]) wanted.add(needed);
    await cp(path.join(ours, name), path.join(project.root, 'node_modules', name), { recursive: true, dereference: true });
  }
}
