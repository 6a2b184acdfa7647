import { RULE_SETS } from '../../../gates/engines/rules/sets.ts';

/**
 * Rules of our bundled pass that ESLint's own command line reports alike. Left out is the one whose reports we thin out by the
 * source around them (overloads), which a command line cannot.
 */
const NOT_COMPARED = new Set(['jsdoc/check-param-names']);

const COMPARED = new Set(Object.values(RULE_SETS).flatMap(({ rules }) => Object.keys(rules)).filter((rule) => !NOT_COMPARED.has(rule)));

export function isComparedRule(rule: string): boolean {
  return COMPARED.has(rule);
}
