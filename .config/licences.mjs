// The licences of the packages that became part of our files.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * Text for people, a package after another, from esbuild's accounts of what it put into its outputs, by paths from the folder that it worked
 * in. Throws where a package has no licence to show.
 */
export function licencesOf(metafiles, workingFolder) {
  const files = metafiles.flatMap(({ outputs }) => Object.values(outputs)).flatMap(({ inputs }) => Object.keys(inputs));
  const folders = new Set(files.map((file) => packageFolder(path.resolve(workingFolder, file))).filter((folder) => folder !== null));
  // One package may lie in several places.
  const parts = [...new Set([...folders].map(licenceOf))].sort();
  const head = 'Parts of these packages are in the files of spark-gates. Each is under its own licence.\n';
  return [head, ...parts].join(`\n${'-'.repeat(80)}\n\n`);
}

function packageFolder(file) {
  const [, folder = null] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file.split(path.sep).join('/')) ?? [];
  return folder;
}

function licenceOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const texts = readdirSync(folder).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file)).sort();
  if (texts.length === 0) throw new Error(`${name} ${version} (${folder}) has no licence text; it cannot become part of our files`);
  return [`${name} ${version} (${license})\n`, ...texts.map((file) => `${readFileSync(path.join(folder, file), 'utf8').trim()}\n`)].join('\n');
}
