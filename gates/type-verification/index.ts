import type { Gate } from '../../src/model/gate.ts';
import { checkProject } from '../engines/typescript/check-project.ts';
import { planTypes, type TypeParams } from './plan.ts';

export const typeVerification: Gate<'type_verification'> = {
  id: 'type_verification',
  title: 'Types',
  proves: 'every tsconfig project of the repository has no type errors',
  plan: planTypes,
  async run(check, context) {
    // Planned by this gate, so it is what it was then.
    const params = check.parts[0]?.params as TypeParams;
    const outcome = await checkProject(params, context);
    return outcome.status === 'done' && params.notes.length > 0 ? { ...outcome, notes: params.notes } : outcome;
  },
};
