import path from 'node:path';
import { parseSync } from 'oxc-parser';
import picomatch from 'picomatch';
import type { TestStep, TestSuite } from '../model/workspace.ts';
import { readTextIfThere } from '../system/read-text.ts';

/** Words of a runner's call that choose no tests: verbs for "run once", and how it reports. */
const HARMLESS = /^(?:run|--run|--test|--watch(?:=false)?|--no-watch|--ci|--verbose|--silent|--colors?|--no-color|--coverage(?:=.*)?|--coverage\.[^=]+(?:=.*)?|--reporters?=.*|--passWithNoTests|--runInBand|-i)$/;

/**
 * Whether it is certain that the root's suite runs the tests of a package's suite too: both call one runner in the plainest
 * way, and the root's configuration names the package as a project, or neither has a configuration. A root that may
 * leave out a file, by a filter or a pattern of its own, is not certain.
 */
export function runsAlready(root: string, own: TestSuite, suite: TestSuite): boolean {
  if (own.runner !== suite.runner || suite.steps.length !== 1 || !suite.steps.every(isPlainCall) || !own.steps.some(isPlainCall)) return false;
  switch (own.runner) {
    case 'vitest':
    case 'jest':
      return (own.config === null && suite.config === null && !hasVitestWorkspace(root)) || isProject(root, own, suite);
    case 'node:test':
      return true;
    case 'mocha':
    case 'command':
      // Mocha looks into `test` of its own folder only.
      return false;
  }
}

function isPlainCall(step: TestStep): boolean {
  return step.kind === 'runner' && step.assignments.length + step.launcher.length + step.nodeOptions.length === 0 && step.words.every((word) => HARMLESS.test(word));
}

const WORKSPACE_FILES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs', 'json'].map((end) => `vitest.workspace.${end}`);

function hasVitestWorkspace(root: string): boolean {
  return WORKSPACE_FILES.some((file) => readTextIfThere(path.join(root, file)) !== null);
}

function isProject(root: string, own: TestSuite, suite: TestSuite): boolean {
  const files = [...(own.config === null ? [] : [own.config]), ...(own.runner === 'vitest' ? WORKSPACE_FILES : [])];
  const patterns = files.flatMap((file) => projectPatterns(file, readTextIfThere(path.join(root, file)) ?? '', own.runner));
  const normal = patterns.map((pattern) => pattern.replace(/^(!?)(?:<rootDir>\/|\.\/)/, '$1').replace(/\/$/, ''));
  const places = [suite.folder, ...(suite.config === null ? [] : [suite.config])];
  const names = (pattern: string): boolean => places.some((place) => picomatch.isMatch(place, pattern));
  return normal.some((pattern) => !pattern.startsWith('!') && names(pattern)) && !normal.some((pattern) => pattern.startsWith('!') && names(pattern.slice(1)));
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** The projects that a configuration names by literals; what it computes is not known. */
function projectPatterns(file: string, text: string, runner: TestSuite['runner']): readonly string[] {
  const isJson = file.endsWith('.json');
  const { program, errors } = parseSync(isJson ? `${file}.js` : file, isJson ? `export default (${text})` : text);
  if (errors.length > 0) return [];
  const found: string[] = [];
  visit(program as unknown as Node, [], (keys, array) => {
    const isNamed = runner === 'vitest'
      ? keys.includes('test') && /^(?:projects|workspace)$/.test(keys.at(-1) ?? '')
      : keys.at(-1) === 'projects' && (keys.length === 1 || (keys.length === 2 && keys[0] === 'jest'));
    if (isNamed || (keys.length === 0 && path.posix.basename(file).startsWith('vitest.workspace.'))) found.push(...literals(array));
  });
  return found;
}

/** Every array with the property names that lead to it, outermost first. */
function visit(node: Node, keys: readonly string[], onArray: (keys: readonly string[], array: Node) => void): void {
  if (node.type === 'ArrayExpression') {
    onArray(keys, node);
    return;
  }
  const inside = node.type === 'Property' && isNode(node['key']) ? [...keys, String(node['key']['name'] ?? node['key']['value'])] : keys;
  for (const child of Object.values(node).flat()) if (isNode(child)) visit(child, inside, onArray);
}

function literals(array: Node): readonly string[] {
  return (array['elements'] as readonly unknown[]).flatMap((element) => (isNode(element) && element.type === 'Literal' && typeof element['value'] === 'string' ? [element['value']] : []));
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
}
