import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeFileAtomic } from '../../../src/system/atomic-file.ts';
import { installPackages, type InstallOptions } from '../tools/install-packages.ts';
import { json, type Corpus } from './corpus.ts';

/** Puts a corpus together in the cache folder, once, and returns where it is. Throws one sentence when npm cannot get it. */
export async function prepareCorpus(corpus: Corpus, cache: string, options: InstallOptions): Promise<string> {
  const { package: name, version } = corpus.source;
  // Beside it, so that the corpus does not find itself among its own packages.
  const download = path.join(cache, 'downloads', `${name.replace('/', '+')}@${version}`);
  await installPackages(download, { private: true, dependencies: { [name]: version } }, options);
  const root = path.join(cache, 'corpora', `${corpus.name}@${version}`);
  await mkdir(root, { recursive: true });
  const { devDependencies, manifest = {} } = corpus;
  const text = { name: corpus.name, private: true, type: 'module', scripts: { test: 'vitest run' }, ...manifest, devDependencies };
  await installPackages(root, text, options);
  for (const [folder, dependencies] of Object.entries(corpus.inner ?? {})) {
    await mkdir(path.join(root, folder), { recursive: true });
    await installPackages(path.join(root, folder), { name: `${corpus.name}-${folder}`, private: true, type: 'module', dependencies }, options);
  }
  const stamp = path.join(root, 'node_modules', '.spark-gates-corpus.json');
  const wanted = json({ ...corpus, leave: corpus.leave?.source });
  if (existsSync(stamp) && (await readFile(stamp, 'utf8')) === wanted) return root;
  for (const part of corpus.take) {
    await rm(path.join(root, part), { recursive: true, force: true });
    const from = path.join(download, 'node_modules', name);
    await cp(path.join(from, part), path.join(root, part), { recursive: true, filter: (source) => corpus.leave?.test(path.relative(from, source).split(path.sep).join('/')) !== true });
  }
  for (const [file, content] of Object.entries(corpus.files)) await write(path.join(root, file), content);
  await write(path.join(root, '.gitignore'), 'node_modules\n');
  await writeFileAtomic(stamp, wanted);
  return root;
}

async function write(file: string, content: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, content);
}
