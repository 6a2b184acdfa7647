import path from 'node:path';
import type { ImportGraph } from '../model/import-graph.ts';
import type { Workspace } from '../model/workspace.ts';
import { readTextIfThere } from '../system/read-text.ts';
import { folderOf, inFolder } from './packages.ts';
import { SOURCE_FILE } from './script-blocks.ts';
import { compilesJavaScript } from './wide-files.ts';

const MARKDOWN = /\.(?:md|markdown)$/i;
const README = /^readme(?:\.\w+)?$/i;

/** Files that name one of these that is gone: documents by a link, manifests by their README, TypeScript configurations in their list. */
export function naming(changed: readonly string[], workspace: Workspace): string[] {
  const gone = changed.filter((file) => workspace.removed.includes(file));
  return [...linking(gone, workspace), ...listing(gone, workspace)];
}

/** Documents that may link to a file that is gone, and manifests of packages whose README is. */
function linking(gone: readonly string[], { root, files }: Workspace): string[] {
  if (gone.length === 0) return [];
  const manifests = gone.filter((file) => README.test(path.posix.basename(file))).map((file) => inFolder(folderOf(file), 'package.json'));
  const names = gone.flatMap((file) => [path.posix.basename(file), encodeURI(path.posix.basename(file))]);
  // A folder is linked to by its own name, and is gone with its last file.
  const folders = gone.map((file) => path.posix.basename(folderOf(file))).filter((name) => name !== '');
  const documents = files.filter((file) => MARKDOWN.test(file)).filter((file) => {
    const text = readTextIfThere(path.join(root, file)) ?? '';
    return [...names, ...folders].some((name) => text.includes(name));
  });
  return [...manifests.filter((file) => files.includes(file)), ...documents];
}

/** TypeScript configurations that may name a file that is gone. */
function listing(gone: readonly string[], { root, typescriptProjects }: Workspace): string[] {
  const names = gone.filter((file) => SOURCE_FILE.test(file)).map((file) => path.posix.basename(file));
  if (names.length === 0) return [];
  return typescriptProjects.map(({ config }) => config).filter((config) => {
    const text = readTextIfThere(path.join(root, config)) ?? '';
    return names.some((name) => text.includes(name));
  });
}

/** Files that no project has by itself, and that may be in one because a file imports them that has changed. */
export function broughtIn(changed: readonly string[], workspace: Workspace, graph: ImportGraph): string[] {
  const held = new Set(workspace.typescriptProjects.flatMap(({ files }) => files));
  const compiled = compilesJavaScript(workspace) ? /\.(?:[cm]?[jt]s|[jt]sx)$/ : /\.(?:[cm]?ts|tsx)$/;
  const reached = new Set(changed.filter((file) => held.has(file)));
  for (const file of reached) for (const target of graph.importsOf(file)) reached.add(target);
  return [...reached].filter((file) => compiled.test(file) && !held.has(file));
}
