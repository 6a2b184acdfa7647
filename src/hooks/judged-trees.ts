import type { GateId } from '../model/gate.ts';
import { stopsTeam, type Verdict } from '../model/verdict.ts';
import type { Measured } from '../orchestrator/phase-gates.ts';
import type { HookSurroundings } from './surroundings.ts';
import { findTree } from './tree.ts';

/** The session as it is seen from each tree that an end is about; the one that it is in comes first. */
export type JudgedTrees = readonly [HookSurroundings, ...HookSurroundings[]];

/**
 * The session as it is seen from every tree that an end is about: the one that it is in, which comes first, and those of the session that something was changed in. Work may
 * lie in one and be brought into another by nothing that a hook has seen.
 */
export async function judgedTrees(surroundings: HookSurroundings, roots: readonly string[]): Promise<JudgedTrees> {
  const others = [...new Set(roots)].filter((root) => root !== surroundings.root && isWorktree(root, surroundings));
  return [surroundings, ...await Promise.all(others.map((root) => surroundings.seenFrom(root)))];
}

/** Gates in all of these trees, one after another: of each gate the worst verdict, and all else of the first tree. */
export async function measureIn([first, ...others]: JudgedTrees, team: string, gates: readonly GateId[]): Promise<Measured> {
  const measured = await first.measure(team, gates);
  const worst: Partial<Record<GateId, Verdict>> = { ...measured.gates };
  for (const tree of others) {
    const { gates: found } = await tree.measure(team, gates);
    for (const gate of gates) {
      const [verdict, before] = [found[gate], worst[gate]];
      if (verdict !== undefined && stopsTeam(verdict) && (before === undefined || !stopsTeam(before))) worst[gate] = { ...verdict, reason: `in ${tree.root}${verdict.reason === null ? '' : `: ${verdict.reason}`}` };
    }
  }
  return { ...measured, gates: worst };
}

/** One that has been removed has nothing in it that could be judged. */
function isWorktree(root: string, { mainRoot }: HookSurroundings): boolean {
  const tree = findTree(root);
  return tree !== null && tree.root === root && tree.roots[0] === mainRoot;
}
