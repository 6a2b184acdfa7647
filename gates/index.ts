import { syntaxValidation } from './syntax-validation/index.ts';
import { typeVerification } from './type-verification/index.ts';
import { lintEnforcement } from './lint-enforcement/index.ts';
import { securityAnalysis } from './security-analysis/index.ts';
import { testCoverage } from './test-coverage/index.ts';
import { performanceCheck } from './performance-check/index.ts';
import { documentationCheck } from './documentation-check/index.ts';
import { integrationTest } from './integration-test/index.ts';
import type { Gate, GateId } from '../src/model/gate.ts';

/** Every gate, in the specification's order. A new one is a folder here and a line below. */
export const GATES: { readonly [Id in GateId]: Gate<Id> } = {
  syntax_validation: syntaxValidation,
  type_verification: typeVerification,
  lint_enforcement: lintEnforcement,
  security_analysis: securityAnalysis,
  test_coverage: testCoverage,
  performance_check: performanceCheck,
  documentation_check: documentationCheck,
  integration_test: integrationTest,
};
