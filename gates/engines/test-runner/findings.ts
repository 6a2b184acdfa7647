import { compareFindings, compareText, type Finding } from '../../../src/model/finding.ts';
import type { GateId } from '../../../src/model/gate.ts';
import { LIMITS } from '../../../src/model/limits.ts';
import type { TestResult } from '../../../src/model/measurement.ts';
import { locationsOf, parseErrorLocation, workspacePath, type Location } from './location.ts';
import type { RunError, RunLogEvent } from './run-log.ts';

export interface Place {
  readonly gate: GateId;
  /** Absolute. */
  readonly root: string;
  /** The suite's folder, workspace-relative. */
  readonly folder: string;
}

type EventOf<Type extends RunLogEvent['type']> = Extract<RunLogEvent, { type: Type }>;

/** What ran, commands of the script included, in the order of file and name. A file outside the workspace keeps its absolute path. */
export function testResults(events: readonly RunLogEvent[], place: Place): readonly TestResult[] {
  const commands = ofType(events, 'command').filter(({ isTest }) => isTest).map(({ failure, ...one }) => ({ ...one, status: failure === null ? 'passed' as const : 'failed' as const }));
  return [...ofType(events, 'test'), ...commands]
    .map(({ file, name, status, durationMs }) => ({ file: workspacePath(place.root, file) ?? file, name, status, durationMs }))
    .sort((a, b) => compareText(a.file, b.file) || compareText(a.name, b.name));
}

/** Failed tests, test files that could not be loaded, errors outside any test. */
export function testFindings(events: readonly RunLogEvent[], place: Place): readonly Finding[] {
  const failed = ofType(events, 'test').filter(({ status }) => status === 'failed').map((event) => failedTest(event, place));
  const unhandled = ofType(events, 'unhandled').flatMap((event) => event.errors.map((error) => unhandledError(event, error, place)));
  const commands = ofType(events, 'command').flatMap(({ failure }): readonly Finding[] => (failure === null ? [] : [{
    gate: place.gate, rule: 'test', message: bounded(place, failure), file: null, line: null, column: null, severity: 'error',
  }]));
  return [...failed, ...brokenFiles(ofType(events, 'file-error'), place), ...unhandled, ...commands].sort(compareFindings);
}

export function ofType<Type extends RunLogEvent['type']>(events: readonly RunLogEvent[], type: Type): readonly EventOf<Type>[] {
  return events.filter((event): event is EventOf<Type> => event.type === type);
}

function failedTest(event: EventOf<'test'>, place: Place): Finding {
  const file = workspacePath(place.root, event.file);
  const errors = event.errors ?? [];
  const locations = errors.flatMap((error) => locationsOf(place.root, error));
  const own = locations.find((location) => location.file === file);
  const [innermost] = locations;
  const elsewhere = innermost !== undefined && innermost.file !== file ? `\nat ${describeLocation(innermost)}` : '';
  return {
    gate: place.gate,
    rule: 'test',
    message: bounded(place, `${event.name}: ${errors.length === 0 ? 'failed' : errors.map(describeError).join('\n')}${elsewhere}`),
    file,
    line: own?.line ?? event.line ?? null,
    column: own === undefined ? (event.column ?? null) : own.column,
    severity: 'error',
  };
}

/** One finding for each cause: a source that does not parse breaks every test file that imports it, and is told once. */
function brokenFiles(events: readonly EventOf<'file-error'>[], place: Place): readonly Finding[] {
  const causes = new Map<string, { readonly finding: Finding; readonly text: string; readonly brokenBy: Set<string> }>();
  for (const event of events) {
    const testFile = workspacePath(place.root, event.file);
    for (const error of event.errors) {
      const parse = event.name === undefined ? parseErrorLocation(place.root, place.folder, error) : null;
      const location = parse ?? placeOfLoadError(event, error, testFile, place);
      const text = `${event.name === undefined ? '' : `${event.name}: `}${parse === null ? describeError(error) : describeParseError(error)}`;
      const file = location?.file ?? testFile;
      const key = JSON.stringify([file, location?.line, text]);
      const finding: Finding = {
        gate: place.gate,
        rule: 'test-file',
        message: '',
        file,
        line: location?.line ?? null,
        column: location?.column ?? null,
        severity: 'error',
        ...(parse === null ? {} : { kind: 'parse' as const }),
      };
      const cause = causes.get(key) ?? { finding, text, brokenBy: new Set<string>() };
      causes.set(key, cause);
      if (testFile !== null && testFile !== file) cause.brokenBy.add(testFile);
    }
  }
  return [...causes.values()].map(({ finding, text, brokenBy }) => {
    const users = [...brokenBy].sort(compareText);
    return { ...finding, message: bounded(place, users.length === 0 ? text : `${text.trimEnd()}\nneeded by ${users.join(', ')}`) };
  });
}

/** A hook's error belongs into its test file; one while loading belongs where it was thrown. */
function placeOfLoadError(event: EventOf<'file-error'>, error: RunError, testFile: string | null, place: Place): Location | undefined {
  const locations = locationsOf(place.root, error);
  return event.name === undefined ? locations[0] : locations.find(({ file }) => file === testFile);
}

function unhandledError(event: EventOf<'unhandled'>, error: RunError, place: Place): Finding {
  const [innermost] = locationsOf(place.root, error);
  const testFile = event.file === null ? null : workspacePath(place.root, event.file);
  const during = testFile === null || testFile === innermost?.file ? '' : `\nwhile ${testFile} ran`;
  return {
    gate: place.gate,
    rule: 'unhandled-error',
    message: bounded(place, `unhandled: ${describeError(error)}${during}`),
    file: innermost?.file ?? testFile,
    line: innermost?.line ?? null,
    column: innermost?.column ?? null,
    severity: 'error',
  };
}

function describeError(error: RunError): string {
  const missingSnapshot = /^(?:Error: )?Snapshot `.*` mismatched$/.test(error.message) && error.diff === undefined
    ? '\nThere is no such snapshot, and a gate writes none: run the test once by hand and keep the snapshot file.'
    : '';
  return `${error.message}${error.diff === undefined || error.message.includes(error.diff) ? '' : `\n${error.diff}`}${missingSnapshot}`;
}

/** The transformer's reason first; its code frame below. */
function describeParseError(error: RunError): string {
  const text = describeError(error);
  const reason = /\[PARSE_ERROR\] (.+)|: ERROR: (.+)|SyntaxError: (.+)|: ([^\n:]+ \(\d+:\d+\))/.exec(text)?.slice(1).find((one: string | undefined) => one !== undefined);
  return `does not parse: ${reason === undefined ? '' : `${reason}\n`}${text}`;
}

function describeLocation({ file, line, column }: Location): string {
  return `${file}:${line}${column === null ? '' : `:${column}`}`;
}

/** Paths as the report has them everywhere: relative to the workspace. */
function withoutRoot(text: string, root: string): string {
  return text.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, '');
}

/** The beginning and the end: Expected and Received lines stand at either. */
function bounded({ root }: Place, message: string): string {
  const text = withoutRoot(message, root).trimEnd();
  const surplus = text.length - LIMITS.findingCharsMax;
  if (surplus <= 0) return text;
  const half = LIMITS.findingCharsMax / 2;
  return `${text.slice(0, half)}\n… ${surplus} characters left out …\n${text.slice(-half)}`;
}
