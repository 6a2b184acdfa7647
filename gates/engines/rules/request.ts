import { z } from 'zod';
import type { CheckRequest } from '../../../src/model/check.ts';
import type { GateId } from '../../../src/model/gate.ts';
import { installedVersion } from '../bundled.ts';
import { isScript } from '../text/script-files.ts';
import { RULE_SETS, type RuleSetName } from './sets.ts';

/** A pass of this many files takes a few seconds: enough to pay for loading ESLint, few enough to spread over workers. */
const FILES_PER_CHECK = 400;

export const RULES_ENGINE = 'eslint';

/** Starts the name of every check of this pass; a gate tells by it which function runs a check. */
export const RULES_CHECK = 'rules:';

const setNames = Object.keys(RULE_SETS) as [RuleSetName, ...RuleSetName[]];
export const rulesParamsSchema = z.object({ sets: z.array(z.enum(setNames)) });

export interface RulesRequest {
  readonly gate: GateId;
  /** All files of all teams, the same for every gate: it decides which files share a check. */
  readonly files: readonly string[];
  readonly sets: readonly RuleSetName[];
  readonly timeLimitMs: number;
}

/** The bundled ESLint pass as one gate asks for it. Gates' requests combine, so that each file is parsed once for all. */
export function rulesRequests(request: RulesRequest): CheckRequest[] {
  const scripts = request.files.filter(isScript);
  const parts = Math.ceil(scripts.length / FILES_PER_CHECK);
  return Array.from({ length: parts }, (_, index): CheckRequest => {
    const slice = scripts.slice(index * FILES_PER_CHECK, (index + 1) * FILES_PER_CHECK);
    return {
      name: `${RULES_CHECK}${String(index + 1)}`,
      gate: request.gate,
      engine: RULES_ENGINE,
      engineVersion: installedVersion('eslint'),
      engineOrigin: 'bundled',
      title: `security, performance and documentation rules${parts === 1 ? '' : `, part ${String(index + 1)} of ${String(parts)}`}`,
      files: slice.filter((file) => request.sets.some((set) => RULE_SETS[set].applies(file))),
      workspaceWide: false,
      combine: true,
      expectedMs: 800 + 12 * slice.length,
      timeLimitMs: request.timeLimitMs,
      inputs: 'files',
      params: { sets: request.sets },
    };
  }).filter((one) => one.files.length > 0);
}
