// What is compiled becomes few files: a start would otherwise wait for hundreds to be found and read. One build with shared chunks,
// not one for each entry, so that a module with state (how git is started, what is kept) stays one of a process.
import { build } from 'esbuild';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { digestOf, filesOf } from './files.mjs';
import { licencesOf } from './licences.mjs';

/** What somebody enters by its path: the client, a thread, a package that imports us, this build, tests, benchmarks. */
const ENTRIES = [
  'src/index.js',
  'src/commands/program.js', 'src/commands/run.js', 'src/commands/replay.js', 'src/commands/hook.js', 'src/commands/note-edit.js',
  'src/daemon/server.js', 'src/daemon/start-daemon.js', 'src/system/confirm.js', 'src/daemon/host.js', 'src/daemon/git-helper.js',
  'src/runner/index.js', 'src/runner/kept-runs.js', 'src/system/git.js', 'src/hooks/lease-edit.js', 'src/hooks/events/session-end.js',
  // By a configuration's thread.
  'src/model/config.js',
  'workers/lane-worker.js',
  // By the build.
  'src/model/documents.js', 'agents/plugin.js',
  // By the threads of the tests of locks, and by the configuration that bench writes for ESLint alone.
  'src/locks/thread-locks.js', 'gates/engines/rules/sets.js', 'gates/engines/rules/own-plugin.js',
];

/**
 * Packages that go into our files, with what they need themselves: JavaScript alone, and loaded by nearly every start, or many small
 * files for one call. Everything else stays a package: tools whose files are found by their paths and whose versions are reported
 * (ESLint, TypeScript, c8, esbuild, jiti, Piscina, Secretlint, istanbul), and what is native (oxc).
 */
const BUNDLED = new Set([
  '@babel/code-frame', 'commander', 'execa', 'get-tsconfig', 'github-slugger', 'ignore', 'jsonc-parser', 'log-update', 'mdast-util-from-markdown',
  'mdast-util-gfm', 'micromark-extension-gfm', 'picomatch', 'proper-lockfile', 'semver', 'string-width', 'tinyglobby', 'yaml', 'zod',
]);

const CLIENT = path.join('src', 'cli.js');
/** What it knows teams' files by. Any other one would come in unseen with a module that it loads late, and be there twice. */
const CLIENT_PACKAGE = 'picomatch';
/** The folder of what several entries share. */
export const CHUNKS = 'chunks';

/**
 * Bundles what was compiled into a folder in its place, and removes the modules that went into it. Their types stay, and so do programs that
 * were JavaScript from the start: tools are given their paths.
 */
export async function bundle(folder, root) {
  const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const { outputFiles, metafile } = await build({
    ...optionsIn(folder), entryPoints: ENTRIES.map((file) => path.join(folder, file)), outdir: folder, outbase: folder, write: false, metafile: true,
    splitting: true, chunkNames: `${CHUNKS}/[name]-[hash]`,
    // Some packages have an older form of themselves as `main`, in which nobody can see what it requires.
    mainFields: ['module', 'main'],
    define: { 'import.meta.url': 'SPARK_GATES_SOURCE_URL' }, plugins: [packages(folder, manifest), sourcePlaces(folder), englishOnly],
  });
  for (const { path: file, text } of outputFiles) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, placed(text, path.relative(path.dirname(file), folder)));
  }
  const client = await bundleClient(folder, manifest);
  writeFileSync(path.join(folder, 'THIRD-PARTY-LICENSES.txt'), licencesOf([metafile, client], folder));
  const outputs = new Set([CLIENT, ...outputFiles.map(({ path: file }) => path.relative(folder, file))]);
  for (const file of filesOf(folder)) {
    if (file.endsWith('.js') && !outputs.has(file) && existsSync(path.join(root, file.replace(/js$/, 'ts')))) rmSync(path.join(folder, file));
  }
}

/**
 * The thin client: one file that loads nothing but node: built-ins until it knows that it has to. What it enters by its path it shares
 * with everything else.
 */
async function bundleClient(folder, manifest) {
  const client = path.join(folder, CLIENT);
  const { metafile } = await build({
    ...optionsIn(folder), entryPoints: [client], outfile: client,
    external: ENTRIES.map((file) => path.join(folder, file)), plugins: [packages(folder, manifest)], metafile: true, define: { SPARK_GATES_BUILD: JSON.stringify(digestOf(folder).slice(0, 16)) },
  });
  const swallowed = Object.keys(metafile.inputs).flatMap((file) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []).filter((name) => name !== CLIENT_PACKAGE);
  if (swallowed.length > 0) throw new Error(`${CLIENT} is no thin client with ${[...new Set(swallowed)].join(', ')} in it: list in ENTRIES what it loads only when it has to`);
  return metafile;
}

/** The folder has another name in each build, and what is built must not: esbuild writes down where a module came from. */
function optionsIn(folder) {
  return { absWorkingDir: folder, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error', allowOverwrite: true };
}

/** Which packages become part of us: those that we import and are listed, and whatever those import. */
function packages(folder, { dependencies }) {
  return {
    name: 'packages',
    setup(building) {
      building.onResolve({ filter: /^[^.]/ }, ({ path: name, importer, kind }) => {
        if (kind === 'entry-point' || !isOurs(folder, importer) || BUNDLED.has(name)) return undefined;
        const [, own = name] = /^((?:@[^/]+\/)?[^/]+)/.exec(name) ?? [];
        if (isBuiltin(name) || Object.hasOwn(dependencies, own)) return { path: name, external: true };
        return { errors: [{ text: `${own} is no dependency in package.json, and not bundled either; it would be missing where spark-gates is installed` }] };
      });
    },
  };
}

/**
 * A module's address goes on being that of its source's place, whichever file it went into: it finds programs beside it by that.
 * esbuild puts a name in the place of `import.meta.url`; here each module that has it is given the constant of that name.
 */
function sourcePlaces(folder) {
  return {
    name: 'source-places',
    setup(building) {
      building.onLoad({ filter: /\.m?js$/ }, ({ path: file }) => {
        const text = readFileSync(file, 'utf8');
        if (!text.includes('import.meta.url')) return undefined;
        const place = isOurs(folder, file) ? `new URL(${JSON.stringify(inUrl(path.relative(folder, file)))}, SPARK_GATES_DIST_URL).href` : 'SPARK_GATES_FILE_URL';
        return { contents: `const SPARK_GATES_SOURCE_URL = ${place};\n${text}`, loader: 'js' };
      });
    },
  };
}

/** zod brings its messages in fifty languages, half of its text; those of ours that are of zod are in the one that it is set to. */
const englishOnly = {
  name: 'english-only',
  setup(building) {
    building.onLoad({ filter: /[\\/]zod[\\/]v4[\\/]locales[\\/]index\.js$/ }, () => ({ contents: "export { default as en } from './en.js';" }));
  },
};

/** With what only an output itself knows: where it lies, and, for packages that are CommonJS, how to load what is built into Node. */
function placed(text, toFolder) {
  const own = text
    .replaceAll('SPARK_GATES_DIST_URL', `new URL(${JSON.stringify(`${inUrl(toFolder)}/`)}, import.meta.url)`)
    .replaceAll('SPARK_GATES_FILE_URL', 'import.meta.url');
  if (!own.includes('typeof require !== "undefined"')) return own;
  return `import { createRequire as createRequireOfFile } from "node:module";\nconst require = createRequireOfFile(import.meta.url);\n${own}`;
}

function isOurs(folder, file) {
  return file.startsWith(folder) && !file.includes(`${path.sep}node_modules${path.sep}`, folder.length);
}

function inUrl(file) {
  return file.split(path.sep).join('/') || '.';
}
