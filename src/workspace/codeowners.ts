import path from 'node:path';
import ignore from 'ignore';
import { compareText } from '../model/finding.ts';
import type { Team } from '../model/team.ts';
import { globTest, ignoreTest } from '../system/globs.ts';
import { readTextIfThere } from '../system/read-text.ts';

/** Where GitHub and GitLab look, in their order; the first one there counts. */
const PLACES = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS', '.gitlab/CODEOWNERS'];

export interface CodeOwners {
  /** Workspace-relative. */
  readonly file: string;
  /** One team per first owner that owns a file, or owned one that is gone, sorted by name. */
  readonly teams: readonly Team[];
  readonly notes: readonly string[];
}

interface Rule {
  readonly matches: (file: string) => boolean;
  /** The first owner; null for a pattern without any, which takes its files from everybody. */
  readonly owner: string | null;
}

/**
 * Teams from a CODEOWNERS file, or null when there is none. Of the rules that match a file the last one wins, and of several
 * owners the first is the team. GitLab's section headers are understood, their default owners too.
 */
export function readCodeOwners(root: string, files: readonly string[], removed: readonly string[] = []): CodeOwners | null {
  for (const place of PLACES) {
    const text = readTextIfThere(path.join(root, place));
    if (text === null) continue;
    const { rules, notes } = parseRules(text, place);
    rules.reverse();
    const owned = byOwner(files, rules);
    const gone = byOwner(removed, rules);
    const names = [...new Set([...owned.keys(), ...gone.keys()])].sort(compareText);
    const teams = names.map((name) => ({ name, files: owned.get(name) ?? [], removed: gone.get(name) ?? [] }));
    return { file: place, teams, notes };
  }
  return null;
}

function byOwner(files: readonly string[], rules: readonly Rule[]): Map<string, string[]> {
  const owned = new Map<string, string[]>();
  for (const file of files) {
    const owner = rules.find((rule) => rule.matches(file))?.owner ?? null;
    if (owner === null) continue;
    const list = owned.get(owner);
    if (list === undefined) owned.set(owner, [file]);
    else list.push(file);
  }
  return owned;
}

function parseRules(text: string, place: string): { rules: Rule[]; notes: string[] } {
  const rules: Rule[] = [];
  const notes: string[] = [];
  let defaultOwner: string | null = null;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const section = /^\^?\[[^\]]+\](?:\[\d+\])?(?:\s(.*))?$/.exec(line);
    if (section !== null) {
      defaultOwner = section[1]?.trim().split(/\s+/)[0] ?? null;
      continue;
    }
    const [pattern = '', ...owners] = line.split(/(?<!\\)\s+/);
    if (pattern.startsWith('!')) notes.push(`${place}:${String(index + 1)}: "${pattern}" is left out, negated patterns have no meaning there`);
    else rules.push({ matches: compile(pattern), owner: owners[0] ?? defaultOwner });
  }
  return { rules, notes };
}

/** As .gitignore has it, but for `folder/*`, which means only the files right there, and for brackets, which are plain characters. */
function compile(pattern: string): (file: string) => boolean {
  const plain = pattern.replaceAll('\\ ', ' ').replaceAll('\\#', '#');
  if (plain !== '*' && plain.endsWith('/*')) return globTest(plain.replace(/^\//, '').replaceAll(/[[\](){}!+@?]/g, String.raw`\$&`));
  return ignoreTest(ignore({ ignorecase: false }).add({ pattern: plain.replaceAll(/[[\]]/g, String.raw`\$&`).replace(/^#/, String.raw`\#`) }));
}
