import path from 'node:path';
import { CanonicalPaths } from '../../locks/canonical-path.ts';
import { HOOK_LIMITS } from '../../model/limits.ts';
import { systemDisk } from '../../system/disk.ts';
import { systemTree } from '../../system/tree-reader.ts';
import { agentRow, updateLedger } from '../ledger.ts';
import { findingText } from '../feedback.ts';
import { PASS, type HookDecision, type HookRequest } from '../request.ts';
import type { HookSurroundings } from '../surroundings.ts';
import { recordChangedConfigs } from '../tampering.ts';
import { existingFolder, findTree } from '../tree.ts';

const FINDINGS_MAX = 8;

/** Files were changed: what the fast gates say about them, as far as it is the team's, in few words. It never blocks; the end of the phase does. */
export const afterEdit = async (request: HookRequest, surroundings: Pick<HookSurroundings, 'folder' | 'root' | 'mainRoot' | 'gateFiles' | 'clock' | 'checkFiles'>): Promise<HookDecision> => {
  const { folder, root, mainRoot, checkFiles } = surroundings;
  const { team, agentId, role, sessionId } = request;
  if (team === null) return PASS;
  const trees = treesOf(request, { root, mainRoot });
  if (agentId !== null) {
    await updateLedger({ folder, disk: systemDisk }, (ledger) => {
      const row = agentRow(ledger, agentId, { team, role, session_id: sessionId });
      Object.assign(row, { edited: true, roots: [...row.roots.filter((one) => !trees.includes(one)), ...trees].slice(-HOOK_LIMITS.rootsMax) });
    });
  }
  const inside = await filesInside(root, request);
  await recordChangedConfigs(request, inside, surroundings);
  const report = inside.length === 0 ? null : await checkFiles(inside, team);
  const findings = Object.values(report?.teams[team]?.gates ?? {}).flatMap((verdict) => verdict.findings).filter(({ severity }) => severity === 'error');
  if (findings.length === 0) return PASS;
  const more = findings.length > FINDINGS_MAX ? [`and ${String(findings.length - FINDINGS_MAX)} more`] : [];
  const text = [`spark-gates, after this edit:`, ...findings.slice(0, FINDINGS_MAX).map(findingText), ...more].join('\n');
  return { kind: 'context', text: text.length > HOOK_LIMITS.contextCharsMax ? `${text.slice(0, HOOK_LIMITS.contextCharsMax)} …` : text };
};

/** The session's trees that these files are in: one call may name files of several. Only this one's are checked now; at the end of the agent all of them are. */
function treesOf({ cwd, files }: HookRequest, { root, mainRoot }: Pick<HookSurroundings, 'root' | 'mainRoot'>): readonly string[] {
  const folders = new Set(files.map((one) => path.dirname(path.resolve(cwd, one))));
  const others = [...folders].flatMap((folder) => {
    const tree = findTree(existingFolder(folder));
    return tree?.roots[0] === mainRoot ? [tree.root] : [];
  });
  return [...new Set([...others, root])];
}

/**
 * As the gates name them: a client tells its folders as they were given to it. Of a link both its own name and where it leads, as far as they are
 * inside; a file may have become a link, or a folder, by this edit. Absolute.
 */
async function filesInside(root: string, { cwd, files }: HookRequest): Promise<readonly string[]> {
  const paths = new CanonicalPaths([root], systemTree);
  const names = await Promise.all(files.map(async (one) => {
    const file = path.resolve(cwd, one);
    const [found, folder] = await Promise.all([paths.resolve(file), paths.resolve(path.join(path.dirname(file), UNUSED))]);
    return [...(found.ok ? [found.value.real] : []), ...(folder.ok ? [path.join(path.dirname(folder.value.real), path.basename(file))] : [])];
  }));
  return [...new Set(names.flat())];
}

/** No file's name: what resolves it resolves the folder. */
const UNUSED = '.spark-gates-none';
