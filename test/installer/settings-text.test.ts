import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hookGroups } from '../../agents/wiring.ts';
import { readSettings, withoutMark } from '../../src/installer/client-settings.ts';
import { applyEdits, appendItem, invertEdits, removeAt, setProperty } from '../../src/installer/json-text.ts';
import { wiringEdits, withoutWiring } from '../../src/installer/settings-text.ts';

const groups = fc.array(fc.record({ matcher: fc.string(), hooks: fc.array(fc.record({ type: fc.constant('command'), command: fc.string() }), { maxLength: 2 }) }, { requiredKeys: ['hooks'] }), { maxLength: 3 });
const settings = fc.record({
  hooks: fc.dictionary(fc.constantFrom('Stop', 'PreToolUse', 'SubagentStop', 'Other'), groups),
  permissions: fc.record({ allow: fc.array(fc.string()) }),
  enabledPlugins: fc.dictionary(fc.string({ minLength: 1 }), fc.boolean()),
  extraKnownMarketplaces: fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue()),
  other: fc.jsonValue(),
}, { requiredKeys: [] });
const layouts = fc.record({ indent: fc.constantFrom('', ' ', '  ', '    ', '\t'), eol: fc.constantFrom('\n', '\r\n'), head: fc.constantFrom('', '\uFEFF', '\n ', '\uFEFF\n'), tail: fc.constantFrom('', '\n', '\n\n', ' ') });

function layOut(value: unknown, { indent, eol, head, tail }: { indent: string; eol: string; head: string; tail: string }): string {
  return (head + JSON.stringify(value, null, indent) + tail).replaceAll('\n', eol);
}

describe.each(['project', 'plugin'] as const)('%s: put in and taken out again', (form) => {
  test('by the edits, byte for byte; by what it says, to the same value; and nothing else changes', () => {
    fc.assert(fc.property(settings, layouts, (value, layout) => {
      const text = layOut(value, layout);
      const edits = wiringEdits(text, form);
      const wired = applyEdits(text, edits);
      expect(applyEdits(wired, invertEdits(text, edits))).toBe(text);
      expect(readSettings(wired).ok).toBe(true);
      expect(wired.includes('\r\n') && /[^\r]\n/.test(wired)).toBe(false);
      const before = parse(text);
      const after = parse(wired);
      expect(Object.keys(after).slice(0, Object.keys(before).length)).toEqual(Object.keys(before));
      // What was empty before is taken for ours when it is found by what it says alone.
      expect(withoutEmpty(parse(withoutWiring(wired)))).toEqual(withoutEmpty(before));
      if (form === 'project') for (const [event, group] of hookGroups('project')) expect((after.hooks as Record<string, unknown[]>)[event]?.at(-1)).toEqual(group);
    }), { numRuns: 500 });
  });
});

function parse(text: string): Record<string, unknown> {
  return JSON.parse(withoutMark(text)) as Record<string, unknown>;
}

function withoutEmpty(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmpty);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withoutEmpty(item)]).filter(([, item]) => typeof item !== 'object' || item === null || Object.keys(item).length > 0));
}

describe('laid out as its neighbours are', () => {
  test.each<[string, string]>([
    ['{}', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'],
    ['{"x":1}', '{"x":1,"a":{"b":[1]}}'],
    ['{ "x": 1 }', '{ "x": 1, "a": { "b": [1] } }'],
    ['{\n\t"x": 1\n}', '{\n\t"x": 1,\n\t"a": {\n\t\t"b": [\n\t\t\t1\n\t\t]\n\t}\n}'],
    ['{\n  "a": {}\n}', '{\n  "a": {\n    "b": [\n      1\n    ]\n  }\n}'],
    ['{\n  "a": { "b": [0] }\n}', '{\n  "a": { "b": [0, 1] }\n}'],
    ['{\n  "a": {\n    "b": [\n      0\n    ]\n  }\n}', '{\n  "a": {\n    "b": [\n      0,\n      1\n    ]\n  }\n}'],
    ['{\r\n  "a": {\r\n    "b": [ ]\r\n  }\r\n}', '{\r\n  "a": {\r\n    "b": [\r\n      1\r\n    ]\r\n  }\r\n}'],
  ])('%j', (text, expected) => {
    const edit = appendItem(text, ['a', 'b'], 1);
    expect(applyEdits(text, [edit])).toBe(expected);
  });

  test('a property that is there stays as it is', () => {
    expect(setProperty('{"a":{"b":false}}', ['a', 'b'], true)).toBeNull();
  });

  test.each<[string, (string | number)[], string]>([
    ['{"a":1,"b":2,"c":3}', ['a'], '{"b":2,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['b'], '{"a":1,"c":3}'],
    ['{"a":1,"b":2,"c":3}', ['c'], '{"a":1,"b":2}'],
    ['{\n  "a": [\n    1,\n    2\n  ]\n}', ['a', 1], '{\n  "a": [\n    1\n  ]\n}'],
    ['{\n  "a": [\n    1\n  ]\n}', ['a', 0], '{\n  "a": []\n}'],
  ])('out of %j: %j', (text, path, expected) => {
    expect(applyEdits(text, [removeAt(text, path)])).toBe(expected);
  });
});
