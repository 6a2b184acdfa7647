import path from 'node:path';
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { isRecord } from '../system/is-record.ts';
import { readTextIfThere } from '../system/read-text.ts';

/**
 * What is wrong with a tsconfig or with one it extends by path, as a sentence about it; null when nothing is. The parser that
 * resolves `extends` reads broken JSON as far as it goes, which would turn a fault into other settings.
 */
export function findTsconfigFault(root: string, config: string): string | null {
  const seen = new Set<string>();
  const pending: { file: string; from: string | null }[] = [{ file: path.join(root, config), from: null }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next.file)) continue;
    seen.add(next.file);
    const text = readTextIfThere(next.file);
    const name = path.relative(root, next.file).split(path.sep).join('/');
    if (text === null) return next.from === null ? 'does not exist' : `extends ${name}, which does not exist; create it or correct "extends"`;
    const errors: ParseError[] = [];
    const content: unknown = parse(text, errors, { allowTrailingComma: true });
    const [error] = errors;
    const where = next.from === null ? '' : `extends ${name}, which `;
    if (error !== undefined) return `${where}is not valid JSON (${describe(error, text)}); correct it`;
    if (content !== undefined && !isRecord(content)) return `${where}is not a JSON object; correct it`;
    for (const parent of parentsOf(content, path.dirname(next.file))) pending.push({ file: parent, from: next.file });
  }
  return null;
}

/** The tsconfigs that one extends by path, workspace-relative; none where it cannot be read. */
export function extendedBy(root: string, config: string): string[] {
  const content: unknown = parse(readTextIfThere(path.join(root, config)) ?? '', [], { allowTrailingComma: true });
  return parentsOf(content, path.dirname(path.join(root, config))).map((file) => path.relative(root, file).split(path.sep).join('/'));
}

/** Absolute paths of the parents that are named by path. */
function parentsOf(content: unknown, folder: string): string[] {
  if (!isRecord(content)) return [];
  const list: readonly unknown[] = Array.isArray(content.extends) ? content.extends : [content.extends];
  return list
    .filter((item): item is string => typeof item === 'string' && (/^\.{1,2}(?:\/|$)/.test(item) || path.isAbsolute(item)))
    .map((parent) => resolveParent(folder, parent));
}

function resolveParent(folder: string, parent: string): string {
  const target = parent === '..' ? path.resolve(folder, parent, 'tsconfig.json') : path.resolve(folder, parent);
  return target.endsWith('.json') || readTextIfThere(target) !== null ? target : `${target}.json`;
}

function describe(error: ParseError, text: string): string {
  const before = text.slice(0, error.offset).split('\n');
  return `${printParseErrorCode(error.error)} at line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`;
}
