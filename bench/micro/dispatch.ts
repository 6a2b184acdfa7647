import { makeProject } from '../../test/rig/project.ts';
import { runHere } from '../../test/rig/run.ts';
import type { MicroCase } from './micro-case.ts';

/** From the request to the report: a pool is made, one small check is sent to a thread and comes back, everything is closed. */
export const dispatch: MicroCase = {
  name: 'pool, a run of one small check',
  open: async () => {
    const project = await makeProject({ 'package.json': '{}\n' });
    return {
      missing: null,
      run: async () => { await runHere(project, { gates: ['syntax_validation'] }); },
      close: async () => { await project[Symbol.asyncDispose](); },
    };
  },
};
