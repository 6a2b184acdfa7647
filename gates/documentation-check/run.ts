import type { Check, CheckOutcome } from '../../src/model/check.ts';
import type { RunContext } from '../../src/model/run-context.ts';
import { runRules } from '../engines/rules/pass.ts';
import { RULES_CHECK } from '../engines/rules/request.ts';
import { checkMarkdown } from './markdown-check.ts';
import { checkReadmes } from './readme.ts';

export function run(check: Check, context: RunContext): Promise<CheckOutcome> {
  if (check.name.startsWith(RULES_CHECK)) return Promise.resolve(runRules(check, context));
  return Promise.resolve(check.name === 'readme' ? checkReadmes(check, context) : checkMarkdown(check, context));
}
