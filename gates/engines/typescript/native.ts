import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import type { CheckOutcome } from '../../../src/model/check.ts';
import type { RunContext } from '../../../src/model/run-context.ts';
import { parseJson } from '../../../src/system/parse-json.ts';
import type { SubprocessResult } from '../../../src/system/subprocess.ts';
import { cancelledOutcome } from '../cancelled.ts';
import type { ProjectDiagnostics, TypeCheckParams } from './check-project.ts';
import type { TypeDiagnostic } from './findings.ts';
import { checkedFiles } from './native-files.ts';
import { NativeMemory } from './native-memory.ts';
import { parseNativeOutput } from './native-output.ts';

/** The compiler's own number of checkers where it is granted more cores than that. */
export const CHECKERS_MAX = 4;

/** Codes of the parser, and some of the checker. */
const SYNTAX_CODES = { from: 1000, to: 2000 };

/** Circles, and depths that are too much: what is told of them, and where, depends on what was checked before. */
const ORDER_CODES = new Set([2310, 2313, 2321, 2456, 2502, 2506, 2577, 2589, 2590, 2615, 2716, 2799, 7022, 7023, 7024]);

/** Exit codes of the compiler that say it looked: nothing found, or findings with and without output. */
const EXIT_CODES = new Set([0, 1, 2]);

/**
 * TypeScript 7 and later: a native program without the compiler API of its predecessors. A project without references goes through the
 * `tsc` binary. One with references can't: `tsc -p` wants the referenced projects built, and `tsc -b` writes build
 * information into the tree. The session that the package offers to editors reads them from source, and writes nothing;
 * it is labelled unstable, so the binary goes first where it can, and `native-session.js` is the only file that uses it.
 * Nor is a session kept between runs: asked file by file it cannot tell what only a check of everything finds (TS2318), and takes
 * no --noEmit. What is kept is the binary's own build information.
 */
export async function checkNatively(params: TypeCheckParams, context: RunContext): Promise<ProjectDiagnostics | CheckOutcome> {
  if (params.hasReferences) return checkInSession(params, context);
  const result = await (context.kept === null ? checkWithBinary(params, context, null) : checkChanges(params, context, new NativeMemory(params, context, context.kept)));
  if ('status' in result) return result;
  // The binary looks no further once a file does not parse; the session tells what is wrong with the others.
  if (!isWhole(result)) return checkInSession(params, context);
  return { diagnostics: result.diagnostics, files: checkedFiles(result.program, params.config, context.workspace) };
}

/** What the binary said, and of what. */
interface BinaryAnswer {
  readonly diagnostics: readonly TypeDiagnostic[];
  /** Absolute paths of all files of the program. */
  readonly program: readonly string[];
  /** Where it has written its build information. */
  readonly buildInfo: string;
}

/** `start`: build information to start from; where that is not enough, or null, everything is checked. */
async function checkChanges(params: TypeCheckParams, context: RunContext, memory: NativeMemory, start = memory.buildInfo): Promise<BinaryAnswer | CheckOutcome> {
  const result = await checkWithBinary(params, context, start);
  if ('status' in result || !isWhole(result)) return result;
  const written = isOfParts(result) ? memory.read(result.buildInfo, result.program) : null;
  if (start !== null && !memory.isEnough(written)) return checkChanges(params, context, memory, null);
  memory.keep(written);
  return result;
}

function isWhole({ diagnostics }: BinaryAnswer): boolean {
  return diagnostics.every(({ code }) => code < SYNTAX_CODES.from || code >= SYNTAX_CODES.to);
}

/** An error of no file may be one of many that only a check of everything finds. */
function isOfParts({ diagnostics }: BinaryAnswer): boolean {
  return diagnostics.every(({ file, code }) => file !== null && !ORDER_CODES.has(code));
}

/** `start`: build information to start from; null checks everything. */
async function checkWithBinary(params: TypeCheckParams, context: RunContext, start: string | null): Promise<BinaryAnswer | CheckOutcome> {
  const { root } = context.workspace;
  const executable = nativeExecutable(params.typescript.folder);
  if (executable === null) return crashed(params, `its package for ${process.platform}-${process.arch} is not installed`);
  // Composite and incremental projects write build information even with --noEmit: not into the tree.
  const buildInfo = path.join(await context.tempFolder(), 'tsbuildinfo');
  if (start !== null) await writeFile(buildInfo, start);
  const checkers = ['--checkers', String(Math.min(context.slots, CHECKERS_MAX))];
  const result = await context.subprocess({
    file: executable,
    args: ['--noEmit', '--pretty', 'false', '--listFiles', '--incremental', '--tsBuildInfoFile', buildInfo, ...checkers, '--project', path.join(root, params.config)],
    cwd: root,
  });
  const trouble = troubleOf(result, params, context) ?? (result.stderr.trim() === '' ? null : crashed(params, result.stderr.trim()));
  if (trouble !== null) return trouble;
  const { diagnostics, files, unknown } = parseNativeOutput(result.stdout, root);
  if (unknown !== null) return crashed(params, `unexpected output: ${unknown}`);
  if (result.outcome.kind === 'exited' && result.outcome.exitCode !== 0 && diagnostics.length === 0) {
    return crashed(params, `exit code ${String(result.outcome.exitCode)} without a diagnostic`);
  }
  return { diagnostics, program: files, buildInfo };
}

const sessionAnswer = z.object({
  diagnostics: z.array(z.object({
    code: z.number(),
    severity: z.enum(['error', 'warning']),
    message: z.string(),
    file: z.string().nullable(),
    line: z.number().nullable(),
    column: z.number().nullable(),
    parse: z.boolean(),
  })),
  files: z.array(z.string()),
});

async function checkInSession(params: TypeCheckParams, context: RunContext): Promise<ProjectDiagnostics | CheckOutcome> {
  const { root } = context.workspace;
  const script = fileURLToPath(new URL('./native-session.js', import.meta.url));
  const result = await context.subprocess({ file: process.execPath, args: [script, params.typescript.folder, root, path.join(root, params.config)], cwd: root });
  const trouble = troubleOf(result, params, context);
  if (trouble !== null) return trouble;
  // Its server may say "context canceled" on stderr when it is closed; what counts is the answer, printed when it was complete.
  const { data: answer } = sessionAnswer.safeParse(parseJson(result.stdout));
  if (answer === undefined) return crashed(params, result.stderr.trim() || 'its session gave no answer');
  return { diagnostics: answer.diagnostics, files: checkedFiles(answer.files, params.config, context.workspace) };
}

function troubleOf(result: SubprocessResult, params: TypeCheckParams, context: RunContext): CheckOutcome | null {
  const { outcome } = result;
  if (outcome.kind === 'cancelled') return cancelledOutcome(context);
  if (outcome.kind === 'not-started') return crashed(params, outcome.message);
  if (outcome.kind === 'killed') return crashed(params, `ended by ${outcome.signal}`);
  if (!EXIT_CODES.has(outcome.exitCode)) return crashed(params, result.stderr.trim() || `exit code ${String(outcome.exitCode)}`);
  return result.truncated ? crashed(params, 'its output is longer than can be read') : null;
}

function crashed(params: TypeCheckParams, detail: string): CheckOutcome {
  return { status: 'error', failure: { reason: 'engine-crashed', engine: `TypeScript ${params.typescript.version}`, detail } };
}

/** Where `typescript`'s own launcher finds its binary: the platform's package, seen from the main one. */
function nativeExecutable(folder: string): string | null {
  const name = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  try {
    const found = createRequire(path.join(folder, 'package.json')).resolve(name);
    return path.join(path.dirname(found), 'lib', process.platform === 'win32' ? 'tsc.exe' : 'tsc');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return null;
    throw error;
  }
}
